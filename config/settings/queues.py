"""The queues of the workers, which tasks go where, and what beat starts when."""

from celery.schedules import crontab
from kombu import Queue

CELERY_TASK_QUEUES = [Queue("default"), Queue("emails"), Queue("reports")]
# Mails do not wait behind other work, and other work does not wait behind what takes minutes.
CELERY_TASK_ROUTES = {
    "notifications.tasks.deliver_message": {"queue": "emails"},
    "notifications.tasks.deliver_pending": {"queue": "emails"},
    "notifications.tasks.delete_old_events": {"queue": "reports"},
    "notifications.tasks.delete_old_notifications": {"queue": "reports"},
    "notifications.tasks.queue_staff_mails": {"queue": "reports"},
    "notifications.tasks.delete_old_messages": {"queue": "reports"},
    "orders.tasks.erase_old_guest_orders": {"queue": "reports"},
    "payments.tasks.empty_old_events": {"queue": "reports"},
    "accounts.tasks.erase_inactive_people": {"queue": "reports"},
    "orders.tasks.refresh_popularity": {"queue": "reports"},
    "config.tasks.delete_orphaned_files": {"queue": "reports"},
}

CELERY_BEAT_SCHEDULE = {
    "expire-orders": {"task": "payments.tasks.expire_orders", "schedule": 60},
    "handle-gateway-events": {"task": "payments.tasks.handle_pending_events", "schedule": 30},
    "send-refunds": {"task": "payments.tasks.send_pending_refunds", "schedule": 60},
    "forget-customers": {"task": "payments.tasks.forget_pending_customers", "schedule": 60},
    "reconcile-payments": {"task": "payments.tasks.reconcile_payments", "schedule": 300},
    "publish-events": {"task": "notifications.tasks.publish_events", "schedule": 3},
    "clean-events": {
        "task": "notifications.tasks.delete_old_events",
        "schedule": crontab(hour=4, minute=10),
    },
    "clean-notifications": {
        "task": "notifications.tasks.delete_old_notifications",
        "schedule": crontab(hour=4, minute=20),
    },
    "remind-carts": {"task": "notifications.tasks.remind_carts", "schedule": 900},
    "clean-messages": {
        "task": "notifications.tasks.delete_old_messages",
        "schedule": crontab(hour=4, minute=15),
    },
    "clean-gateway-events": {
        "task": "payments.tasks.empty_old_events",
        "schedule": crontab(hour=4, minute=20),
    },
    "clean-stock-requests": {
        "task": "catalog.tasks.forget_old_stock_requests",
        "schedule": crontab(hour=4, minute=25),
    },
    "erase-old-guests": {
        "task": "orders.tasks.erase_old_guest_orders",
        "schedule": crontab(hour=4, minute=30),
    },
    "erase-inactive": {
        "task": "accounts.tasks.erase_inactive_people",
        "schedule": crontab(hour=4, minute=35),
    },
    "deliver-messages": {"task": "notifications.tasks.deliver_pending", "schedule": 30},
    # Every hour: what the morning missed is made up for, and nobody gets anything twice.
    "queue-staff-mails": {
        "task": "notifications.tasks.queue_staff_mails",
        "schedule": crontab(minute=5),
    },
    "address-resets": {"task": "accounts.tasks.address_resets", "schedule": 30},
    "refresh-prices": {"task": "catalog.tasks.refresh_sale_prices", "schedule": 60},
    "refresh-popularity": {
        "task": "orders.tasks.refresh_popularity",
        "schedule": crontab(minute=10),
    },
    "refresh-suggestions": {
        "task": "catalog.tasks.refresh_suggestions",
        "schedule": crontab(minute=10),
    },
    "forget-queries": {
        "task": "catalog.tasks.forget_old_queries",
        "schedule": crontab(hour=3, minute=30),
    },
    "count-search-words": {"task": "catalog.tasks.count_search_words", "schedule": 60},
    "follow-renames": {"task": "catalog.tasks.follow_renames", "schedule": 60},
    "hide-suspended-products": {
        "task": "catalog.tasks.hide_suspended_products",
        "schedule": 300,
    },
    "make-thumbnails": {"task": "catalog.tasks.make_pending_thumbnails", "schedule": 60},
    "open-number-series": {
        "task": "orders.tasks.open_number_series",
        "schedule": crontab(minute=10),
    },
    "answer-stock-requests": {"task": "catalog.tasks.answer_stock_requests", "schedule": 300},
    "clean-guest-carts": {"task": "carts.tasks.clean_guest_carts", "schedule": crontab(minute=20)},
    "clean-files": {
        "task": "config.tasks.delete_orphaned_files",
        "schedule": crontab(hour=3, minute=20),
    },
    "clean-tokens": {"task": "accounts.tasks.clean_expired", "schedule": crontab(minute=30)},
    "clean-keys": {"task": "config.tasks.clean_idempotency_keys", "schedule": crontab(minute=40)},
    "clean-refused-events": {
        "task": "payments.tasks.clean_refused_events",
        "schedule": crontab(minute=50),
    },
    "clean-broker": {
        "task": "config.tasks.clean_embedded_broker",
        "schedule": crontab(hour=3, minute=50),
    },
}
CELERY_BEAT_SCHEDULE |= {
    f"heartbeat-{queue.name}": {
        "task": "config.tasks.heartbeat",
        "schedule": 30,
        "args": [queue.name],
        "options": {"queue": queue.name},
    }
    for queue in CELERY_TASK_QUEUES
}
for _entry in CELERY_BEAT_SCHEDULE.values():
    # While no worker runs, sweeps do not pile up: the next one does the work of those before.
    _expires = _entry["schedule"] if isinstance(_entry["schedule"], int) else 3600
    _entry["options"] = {"expires": _expires} | _entry.get("options", {})
