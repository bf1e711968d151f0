from typing import Any

from django.core.management.base import BaseCommand

from analytics.seeding.checks import check_shop


class Command(BaseCommand):
    help = "Verify what a seeded shop promises; the exit code is 1 where a promise is broken."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        findings = check_shop()
        for finding in findings:
            mark = "ok  " if finding.is_kept else "FAIL"
            self.stdout.write(f"{mark} {finding.count:>9,}  {finding.promise}")
            for wrong in finding.wrong:
                self.stdout.write(f"                   {wrong}")
        broken = sum(not finding.is_kept for finding in findings)
        if broken:
            self.stderr.write(f"{broken} of {len(findings)} promises are broken.")
            raise SystemExit(1)
        self.stdout.write(f"All {len(findings)} promises are kept.")
