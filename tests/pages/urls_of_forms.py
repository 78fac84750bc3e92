"""A project with forms of its own, behind Django's decorator and behind ours; they tell what has reached them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path

from supertokens_django.decorators import verify_session

FORM = """<!doctype html><html lang="en"><title>A letter</title><h1>A letter</h1>
<form method="post" enctype="multipart/form-data">{% csrf_token %}
<label>Text <textarea name="text"></textarea></label>
<label>Enclosed <input type="file" name="enclosed"></label>
<button>Send</button></form></html>"""
received: list[dict[str, str]] = []
"""What was sent to the views, oldest first."""


def letter(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        template = engines["django"].from_string(FORM)
        return HttpResponse(template.render({}, request))
    enclosed = request.FILES.get("enclosed")
    received.append(
        {
            "from": getattr(request.user, "email", "nobody"),
            "text": request.POST["text"],
            "enclosed": enclosed.read().decode() if enclosed else "",
        }
    )
    return JsonResponse(received[-1])


urlpatterns = [
    path("letter/", login_required(letter)),
    path("verified-letter/", verify_session()(letter)),
    path("auth/", include("supertokens_django.urls")),
]
