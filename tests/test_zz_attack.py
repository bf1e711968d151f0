import base64, json
import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient
from tests.accounts.factories import *
from tests.catalog.factories import *
pytestmark = pytest.mark.django_db
V="/api/v1/"

def staff():
    u = make_user(is_staff=True, is_superuser=True)
    c = APIClient(raise_request_exception=False); c.force_authenticate(u); return c
def show(label, r):
    body = r.content[:300]
    print(f"{label}: {r.status_code} {body if r.status_code!=200 or 1 else ''}"[:420])

def test_attack():
    from catalog.models import Product
    c = staff(); g = APIClient(raise_request_exception=False)
    v = make_variant(product=make_product(brand="Acme", slug="blue-mug"), attributes={"color":"Red","Shoe size":"42", "2":"x"})
    p = v.product; cat = p.category
    bad=[]
    def t(label, r, expect=None):
        if r.status_code>=500 or expect and r.status_code!=expect:
            bad.append(label)
        show(("!!! " if r.status_code>=500 or (expect and r.status_code!=expect) else "")+label, r)
    big="9"*25; huge="9"*5000
    for n in ["category","collection","tag","seller"]:
        t(f"{n} huge", g.get(V+"products/",{n:huge}),400)
        t(f"{n} big", g.get(V+"products/",{n:big}),400)
    for path in ["products","categories","tags","collections"]:
        t(path+" huge", g.get(V+f"{path}/{huge}/"),404)
        t(path+" big", g.get(V+f"{path}/{big}/"),404)
    t("img big", g.get(V+f"products/{p.pk}/images/{big}/"),404)
    t("img huge", g.get(V+f"products/{p.pk}/images/{huge}/"),404)
    t("tx huge", c.get(V+f"inventory/transactions/{huge}/"),404)
    t("tx", c.get(V+"inventory/transactions/",{"variant":huge}),400)
    t("tx", c.get(V+"inventory/transactions/",{"created_after":"0001-01-01"}))
    t("tx", c.get(V+"inventory/transactions/",{"created_before":"9999-12-31T23:59:59-14:00"}))
    def cur(*a):
        return base64.urlsafe_b64encode(json.dumps(a).encode()).decode().rstrip("=")
    t("cur", g.get(V+"products/",{"ordering":"price","cursor":cur("price",False,"1e100","1")}),404)
    t("cur", g.get(V+"products/",{"ordering":"price","cursor":cur("price",False,"1",big)}))
    t("cur", g.get(V+"products/",{"cursor":cur("-created_at",False,"0001-01-01T00:00:00+14:00","1")}),404)
    t("cur", g.get(V+"products/",{"ordering":"name","cursor":cur("name",False,"a\x00","1")}),404)
    t("cur", g.get(V+"products/",{"ordering":"name","cursor":cur("name",False,"\ud800","1")}),404)
    t("cur deep", g.get(V+"products/",{"cursor":base64.urlsafe_b64encode(b"["*2900).decode()}),404)
    t("format", g.get(V+"products/",{"format":"csv"}),200)
    t("format", g.get("/api/schema/",{"format":"json"}))
    t("accept html", g.get(V+"products/",HTTP_ACCEPT="text/html"),406)
    base={"name":"X","category":cat.pk,"price":"10.00"}
    for k,val in [("collections",[big]),("collections",[10**18]),("category",big),("seller",big),("flash_sale",{"price":"5","starts_at":"0001-01-01T00:00:00","ends_at":"2099-01-01T00:00:00Z"}),
        ("flash_sale",{"price":"5","ends_at":"9999-12-31T23:59:59"}),("flash_sale",[]),("flash_sale",{}),("flash_sale","x"),("variants",{}),("variants",[]),("variants",[None]),("variants",[1]),("variants",[{}]),("tags",[""]),("tags",[None]),("tags","abc"),("tags",["日本","日本"]),("tags",["12"]),("attributes",{"":"x"}),("attributes",{"a":None}),("attributes",[]),("stock",-1),("stock",2**31),("stock","x"),("weight_grams",2**31),("name","\x00"),("name",None),("name",[]),("slug","Über"),("slug","123"),("slug","new"),("price",True),("price","NaN"),("price",-1),("price","1e400"),("price",10.999),("sku","x"*65),("sku",5),("variants",[{"price":"1","id":big}]),("variants",[{"price":"1","image":big}]),("is_active",None),("tax_class",""),("hsn_code","12"),("description",None),("name","x"*256),("barcode",None)]:
        t(f"POST product {k}={str(val)[:30]}", c.post(V+"products/",base|{k:val}))
        t(f"PATCH product {k}={str(val)[:30]}", c.patch(V+f"products/{p.pk}/",{k:val}))
    for body in [None,[],"x",5,True,[[]]]:
        for m in ("post","put","patch","delete"):
            for path in ["products/",f"products/{p.pk}/","categories/",f"categories/{cat.pk}/","tags/","collections/","inventory/transactions/","cart/","cart/items/","cart/add/","carts/","cart/merge/","auth/register/","auth/login/","auth/logout/","auth/token/refresh/","auth/token/verify/","auth/email/verify/","auth/password/change/","users/me/","addresses/",f"products/{p.pk}/variants/",f"products/{p.pk}/images/"]:
                if m=="delete" and path in (f"products/{p.pk}/",f"categories/{cat.pk}/","users/me/") : continue
                r=getattr(c,m)(V+path, data=json.dumps(body), content_type="application/json")
                if r.status_code>=500: t(f"{m} {path} {body}", r)
    for path in ["products/",f"products/{p.pk}/","categories/",f"categories/{cat.pk}/","tags/","collections/","inventory/transactions/","cart/","cart/items/","carts/","users/me/","addresses/",f"products/{p.pk}/variants/",f"products/{p.pk}/variants/{v.pk}/",f"products/{p.pk}/images/","products/low-stock/","shipping-methods/","tax-rates/","auth/login/"]:
        t("OPTIONS "+path, c.options(V+path)); t("gOPTIONS "+path, g.options(V+path))
        r=c.head(V+path)
        if r.status_code>=500: t("HEAD "+path, r)
    for x in [dict(products=[big]),dict(products=[10**18]),dict(products=[None]),dict(title=""),dict(slug="a b"),dict(slug="12")]:
        t(f"coll {x}", c.post(V+"collections/",{"title":"C"}|x))
    for x in [dict(parent=big),dict(parent=0),dict(parent="x"),dict(position=2**31),dict(name=None),dict(slug="1")]:
        t(f"cat {x}", c.post(V+"categories/",{"name":"C"}|x))
    for x in [dict(quantity=10**9),dict(quantity=10**9),dict(quantity=10**9),dict(quantity=0,transaction_type="ADJUSTMENT"),dict(quantity=-10**9,transaction_type="ADJUSTMENT"),dict(quantity=-3),dict(variant=big),dict(product=p.pk),dict(transaction_type="SALE"),dict(quantity=1.5)]:
        t(f"tx {x}", c.post(V+"inventory/transactions/",{"variant":v.pk,"transaction_type":"IN","quantity":1}|x))
    print("BAD", bad)

def test_accounts_attack():
    g = APIClient(raise_request_exception=False)
    def t(label,r): show(("!!! " if r.status_code>=500 else "")+label, r)
    ok={"email":"a@example.com","password":"Str0ng-pass-word"}
    for x in [dict(username="İ"*150),dict(email="a@"+".".join(["İ"*20]*10)+".com"),dict(email="x"*300+"@e.com"),dict(phone="+9198765432101234"),dict(phone="abc"),dict(phone=919876543210),dict(date_of_birth="0000-00-00"),dict(date_of_birth="2999-01-01"),dict(date_of_birth={}),dict(cart_id=[]),dict(cart_id={"a":1}),dict(password=None),dict(password="short"),dict(password="x"*129),dict(first_name="x"*151),dict(first_name=[]),dict(username="a@b"),dict(username="a b"),dict(email="K@example.com"),dict(email=None),dict(username="\x00")]:
        t(f"reg {str(x)[:40]}", g.post(V+"auth/register/", ok|x, REMOTE_ADDR=f"10.0.0.{hash(str(x))%250}"))
    for x in [dict(email="İ"*5000),dict(email="",username=""),dict(email=[]),dict(phone="abc",email=None),dict(password=[]),dict(password=""),dict(cart_id="x"*1000)]:
        t(f"login {str(x)[:40]}", g.post(V+"auth/login/", ok|x, REMOTE_ADDR=f"10.0.1.{hash(str(x))%250}"))
    for tok in ["", "x", "a.b.c", "x"*100000, "eyJhbGciOiJub25lIn0.e30."]:
        for path,k in [("auth/token/refresh/","refresh"),("auth/token/verify/","token"),("auth/email/verify/","token")]:
            t(f"{path} {tok[:10]}", g.post(V+path,{k:tok}))
        t("hdr "+tok[:9], g.get(V+"users/me/",HTTP_AUTHORIZATION="Bearer "+tok))
    t("hdr uni", g.get(V+"products/",HTTP_AUTHORIZATION="Bearer é"))
    t("hdr 3", g.get(V+"products/",HTTP_AUTHORIZATION="Bearer a b"))
    t("hdr basic", g.get(V+"products/",HTTP_AUTHORIZATION="Basic YTpi"))
    t("hdr Bearer", g.get(V+"products/",HTTP_AUTHORIZATION="Bearer"))
    u=make_user(); c=APIClient(raise_request_exception=False); c.force_authenticate(u)
    a={"full_name":"A","phone_number":"+919876543210","address_line1":"1","city":"B","state":"KA","postal_code":"560001","country":"IN"}
    for x in [{},dict(country="XX"),dict(country=None),dict(country=5),dict(state="İ"*100),dict(state="Nowhere"),dict(state=None),dict(postal_code="x"),dict(phone_number="1"),dict(full_name=" "),dict(address_type="home"),dict(is_default="maybe"),dict(is_default=None),dict(country="US",state="CA",postal_code="94016",phone_number="+14155552671"),dict(country="AE",state="",postal_code=""),dict(tax_number="x"*21),dict(tax_number="!!")]:
        t(f"addr {str(x)[:40]}", c.post(V+"addresses/", a|x))
    t("put", c.put(V+"addresses/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f/", a))
    for x in [dict(email="İ@"+"İ"*20+".com"),dict(email=""),dict(phone="x"),dict(language="xx"),dict(username="123"),dict(id="x",role="admin",membership="gold",email_verified=True),dict(first_name=None),dict(date_of_birth="1899-01-01")]:
        t(f"me {str(x)[:40]}", c.patch(V+"users/me/", x))
