"""The peer: the smallest honest Django application with the same two pages, in one file.

No login, no middleware, cached templates, persistent database connections, an index for each query: everything
that a careful developer would do first, so that the comparison is with Django at its best.
"""

import os
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings

_database = urlsplit(os.environ["QIBANG_TEST_POSTGRES"])

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY=os.urandom(32).hex(),
    ROOT_URLCONF="app",
    MIDDLEWARE=[],
    INSTALLED_APPS=["register"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _database.path.lstrip("/"),
            "USER": _database.username,
            "HOST": _database.hostname,
            "PORT": _database.port,
            "CONN_MAX_AGE": None,
        }
    },
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [os.path.join(os.path.dirname(__file__), "templates")],
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        ["django.template.loaders.filesystem.Loader"],
                    )
                ]
            },
        }
    ],
    USE_TZ=True,
)
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.shortcuts import get_object_or_404, render  # noqa: E402
from django.urls import path  # noqa: E402
from register.models import Household  # noqa: E402

PAGE_ROWS = 50


def household_list(request):
    """One page of a town's households, by keyset, with the total."""
    area = request.GET.get("area", "3203")
    after = request.GET.get("after", "")
    below = Household.objects.filter(area_code__gte=area, area_code__lt=area + "~")
    rows = below.filter(household_no__gt=after).order_by("household_no")[:PAGE_ROWS]
    context = {"rows": list(rows), "total": below.count(), "area": area}
    return render(request, "list.html", context)


def household_detail(request, household_id):
    """One household with its members and its income by item."""
    household = get_object_or_404(Household, pk=household_id)
    context = {
        "household": household,
        "members": list(household.person_set.order_by("person_no")),
        "items": list(household.incomeitem_set.order_by("item")),
    }
    return render(request, "detail.html", context)


urlpatterns = [
    path("households", household_list),
    path("households/<int:household_id>", household_detail),
]
application = get_wsgi_application()
