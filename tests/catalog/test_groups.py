import pytest

from catalog.models import Category, Collection, Product, Tag
from tests.accounts.factories import make_staff, make_user

from .factories import make_category, make_product

pytestmark = pytest.mark.django_db
URL = "/api/v1/categories/"


@pytest.fixture
def staff(api):
    user = make_staff()
    api.force_authenticate(user)
    return user


def paths():
    return dict(Category.objects.values_list("slug", "path"))


def make_tree():
    """Clothes > Shirts > Polo, and Toys."""
    clothes = make_category(name="Clothes", slug="clothes")
    shirts = make_category(name="Shirts", slug="shirts", parent=clothes)
    polo = make_category(name="Polo", slug="polo", parent=shirts)
    return clothes, shirts, polo, make_category(name="Toys", slug="toys")


def test_the_tree_counts_active_products_of_whole_subtrees(api, django_assert_num_queries):
    clothes, shirts, polo, toys = make_tree()
    make_product(category=clothes)
    make_product(category=polo)
    make_product(category=polo, is_active=False)
    with django_assert_num_queries(2):
        tree = api.get(URL).json()
    assert [root["slug"] for root in tree] == ["clothes", "toys"]
    (child,) = tree[0]["children"]
    (leaf,) = child["children"]
    assert [node["product_count"] for node in (tree[0], child, leaf, tree[1])] == [2, 1, 1, 0]
    assert leaf == {
        "id": polo.pk,
        "name": "Polo",
        "slug": "polo",
        "description": "",
        "parent": shirts.pk,
        "image": None,
        "product_count": 1,
        "is_active": True,
        "children": [],
    }
    flat = api.get(URL, {"flat": "true"}).json()
    assert [(row["id"], row["product_count"]) for row in flat] == [
        (clothes.pk, 2),
        (polo.pk, 1),
        (shirts.pk, 1),
        (toys.pk, 0),
    ]
    assert api.get(URL, {"flat": "x"}).status_code == 400


def test_a_category_is_read_by_id_or_slug_with_its_subtree(api):
    clothes, shirts, polo, _ = make_tree()
    make_product(category=polo)
    by_slug = api.get(f"{URL}shirts/").json()
    assert by_slug == api.get(f"{URL}{shirts.pk}/").json()
    assert (by_slug["parent"], by_slug["product_count"]) == (clothes.pk, 1)
    assert [child["id"] for child in by_slug["children"]] == [polo.pk]
    assert api.get(f"{URL}nothing/").status_code == 404
    assert api.get(f"{URL}{'9' * 30}/").status_code == 404


def test_inactive_categories_and_what_is_below_are_for_staff(api):
    make_tree()
    Category.objects.filter(slug="shirts").update(is_active=False)
    assert [row["slug"] for row in api.get(URL, {"flat": "1"}).json()] == ["clothes", "toys"]
    assert api.get(f"{URL}shirts/").status_code == api.get(f"{URL}polo/").status_code == 404
    assert api.get(f"{URL}polo/products/").status_code == 404
    api.force_authenticate(make_staff())
    assert api.get(f"{URL}polo/products/").status_code == 200
    assert len(api.get(URL, {"flat": "1"}).json()) == 4
    assert api.get(f"{URL}polo/").status_code == 200


def test_staff_create_a_category_and_its_path_follows_its_parent(api, staff):
    parent = make_category()
    response = api.post(URL, {"name": "Red Mugs", "parent": parent.pk, "description": "Red."})
    assert response.status_code == 201
    body = response.json()
    assert (body["slug"], body["parent"], body["children"]) == ("red-mugs", parent.pk, [])
    assert response["Location"] == f"http://testserver{URL}{body['id']}/"
    assert paths()["red-mugs"] == f"{parent.path}{body['id']}/"
    assert api.post(URL, {"name": "X", "parent": 999999}).json()["details"]["parent"]
    assert api.post(URL, {"name": "X", "slug": "red-mugs"}).json()["details"]["slug"]


def test_a_move_takes_all_descendants_along(api, staff):
    clothes, shirts, polo, toys = make_tree()
    response = api.patch(f"{URL}shirts/", {"parent": toys.pk})
    assert response.status_code == 200
    assert paths() == {
        "clothes": f"/{clothes.pk}/",
        "toys": f"/{toys.pk}/",
        "shirts": f"/{toys.pk}/{shirts.pk}/",
        "polo": f"/{toys.pk}/{shirts.pk}/{polo.pk}/",
    }
    api.patch(f"{URL}shirts/", {"parent": None})
    assert paths()["polo"] == f"/{shirts.pk}/{polo.pk}/"


@pytest.mark.parametrize("target", ["clothes", "shirts", "polo"])
def test_a_cycle_is_refused(api, staff, target):
    make_tree()
    before = paths()
    response = api.patch(f"{URL}clothes/", {"parent": Category.objects.get(slug=target).pk})
    assert response.status_code == 400
    assert "parent" in response.json()["details"]
    assert paths() == before


def test_a_category_in_use_is_not_deleted(api, staff):
    _, _, polo, toys = make_tree()
    product = make_product(category=polo)
    for slug in ("clothes", "polo"):
        response = api.delete(f"{URL}{slug}/")
        assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert Category.objects.count() == 4
    assert api.delete(f"{URL}{toys.pk}/").status_code == 204
    product.delete()
    assert api.delete(f"{URL}polo/").status_code == 204


@pytest.mark.parametrize("path", ["categories", "collections", "tags"])
def test_only_staff_write_groups(api, path):
    rows = {"categories": make_category(slug="g")}
    rows["collections"] = Collection.objects.create(title="G", slug="g")
    rows["tags"] = Tag.objects.create(name="G", slug="g")
    url = f"/api/v1/{path}/"
    for user, code in [(None, 401), (make_user(), 403), (make_user(is_staff=True), 403)]:
        api.force_authenticate(user)
        assert api.post(url, {"name": "X", "title": "X"}).status_code == code
        assert api.patch(f"{url}g/", {"name": "X", "title": "X"}).status_code == code
        assert api.delete(f"{url}g/").status_code == code
        assert api.get(f"{url}g/").status_code == api.get(url).status_code == 200
    assert str(rows[path]) != "X"


def test_collections_hold_products(api, staff, django_assert_num_queries):
    shown, hidden = make_product(), make_product(is_active=False)
    url = "/api/v1/collections/"
    response = api.post(url, {"title": "Summer", "products": [shown.pk, hidden.pk]})
    assert response.status_code == 201
    assert response.json() == {
        "id": Collection.objects.get().pk,
        "title": "Summer",
        "slug": "summer",
        "description": "",
        "image": None,
        "product_count": 1,
    }
    with django_assert_num_queries(2):
        assert api.get(url).json()["count"] == 1
    assert api.patch(f"{url}summer/", {"products": []}).json()["product_count"] == 0
    refused = api.put(f"{url}summer/", {"title": "S", "products": [999999]})
    assert refused.json()["details"] == {"products": ["There is no product 999999."]}
    assert Collection.objects.get().title == "Summer"
    assert api.delete(f"{url}summer/").status_code == 204
    assert Product.objects.count() == 2


def test_tags_are_counted_and_named_once(api, staff, django_assert_num_queries):
    url = "/api/v1/tags/"
    made = api.post(url, {"name": "Eco"}).json()
    make_product().tags.add(made["id"])
    assert api.get(f"{url}eco/").json() == made | {"product_count": 1}
    with django_assert_num_queries(2):
        assert api.get(url).json()["count"] == 1
    assert api.post(url, {"name": "eco"}).json()["details"]["name"]
    assert api.patch(f"{url}eco/", {"name": "Green"}).json()["slug"] == "eco"
    assert api.delete(f"{url}eco/").status_code == 204
    assert Product.objects.count() == 1


def test_categories_answer_if_none_match(api):
    make_tree()
    etag = api.get(URL)["ETag"]
    assert api.get(URL, HTTP_IF_NONE_MATCH=f"W/{etag}").status_code == 304


@pytest.mark.parametrize("path", ["categories", "collections", "tags"])
@pytest.mark.parametrize("slug", ["-", "_", "--", "-_-", "123"])
def test_a_slug_has_a_letter_or_digits_and_more(api, staff, path, slug):
    response = api.post(f"/api/v1/{path}/", {"name": "X", "title": "X", "slug": slug})
    assert response.status_code == 400
    assert list(response.json()["details"]) == ["slug"]
    assert not any(kind.objects.exists() for kind in (Category, Collection, Tag))


def test_a_hidden_category_narrows_nothing_for_all_but_staff(api, django_assert_max_num_queries):
    clothes, shirts, polo, _ = make_tree()
    shown, hidden = make_product(category=clothes), make_product(category=polo)
    Category.objects.filter(pk=shirts.pk).update(is_active=False)

    def answers(address, **query):
        return [
            api.get(address, {"category": value, **query}).status_code
            for value in ("shirts", str(shirts.pk), "polo", "clothes")
        ]

    for user in (None, make_user()):
        api.force_authenticate(user)
        for address in ("/api/v1/products/", "/api/v1/search/"):
            assert answers(address) == [400, 400, 400, 200]
    refused = api.get("/api/v1/products/", {"category": "polo"}).json()["details"]
    assert refused == {"category": ["There is no category 'polo'."]}
    unknown = api.get("/api/v1/products/", {"category": "nothing"}).json()["details"]
    assert unknown == {"category": ["There is no category 'nothing'."]}
    api.force_authenticate(make_staff())
    assert answers("/api/v1/products/") == answers("/api/v1/search/") == [200] * 4
    api.force_authenticate(None)
    with django_assert_max_num_queries(3):
        rows = api.get("/api/v1/products/", {"category": "clothes"}).json()["results"]
    assert {row["id"] for row in rows} == {shown.pk, hidden.pk}


def test_the_old_slug_of_a_hidden_category_narrows_nothing_either(api, staff):
    make_tree()
    api.patch(f"{URL}toys/", {"slug": "games", "is_active": False})
    query = {"category": "toys"}
    assert api.get("/api/v1/products/", query).status_code == 200
    api.force_authenticate(None)
    assert api.get("/api/v1/products/", query).status_code == 400
