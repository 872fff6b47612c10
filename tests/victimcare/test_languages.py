"""Portuguese is Brazil's: in our words, in Django's and on the sign-in page; our data know it as "pt"."""

import pytest
from django.urls import reverse
from django.utils import translation

from victimcare import codelists, languages
from victimcare.models import MemberState


@pytest.mark.parametrize(
    ("asked", "words"),
    [("pt", "Senha"), ("pt-BR", "Senha"), ("es-MX", "Contraseña"), ("fr-CA", "Mot de passe")],
)
def test_sign_in_page_speaks_the_language_of_the_browser(client, db, asked, words):
    assert words in client.get(reverse("account_login"), headers={"accept-language": asked}).content.decode()


def test_our_data_speak_it_too(db):
    with translation.override("pt-br"):
        assert languages.of_page() == "pt"
        assert str(MemberState.objects.get(code="US")) == "Estados Unidos"
        assert codelists.get("urgency").label("soon").lang == "pt"
