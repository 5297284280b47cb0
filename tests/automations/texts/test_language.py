"""The language of short support texts: another one is known by two words, and English is not taken for one."""

import csv
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from automations.texts import language as reading
from automations.texts.language import is_english, language
from automations.texts.language_words import ENGLISH, OTHERS, SHARED
from tests.support import shared

FOREIGN = {
    "de": ("Meine Rechnung ist falsch", "Zahlung fehlgeschlagen", "Passwort vergessen", "MEINE KARTE GEHT NICHT",
           "Hallo, bitte kündigen Sie mein Konto", "Wo bleibt meine Bestellung #4711?", "Das Paket kam beschädigt an"),
    "fr": ("facture incorrecte", "je ne peux pas me connecter", "Bonjour, j'ai été débité deux fois",
           "Où est ma commande ?"),
    "es": ("Factura incorrecta", "No puedo entrar en mi cuenta", "¿Dónde está mi pedido?", "Me han cobrado dos veces"),
    "it": ("La fattura è sbagliata", "dove è il mio ordine?", "Buongiorno, vorrei un rimborso"),
    "pt": ("não consigo entrar", "a minha encomenda não chegou", "fatura errada"),
    "nl": ("mijn factuur klopt niet", "waar is mijn bestelling", "ik kan niet inloggen"),
    "pl": ("nie mogę się zalogować", "błędna faktura"),
    "sv": ("jag kan inte logga in", "var är mitt paket"),
    "da": ("jeg kan ikke logge ind",),
    "fi": ("en pääse kirjautumaan tilille",),
    "cs": ("nemohu se přihlásit",),
    "hu": ("hibás a számla",),
    "ro": ("nu pot să intru în cont",),
    "tr": ("siparişim nerede",),
    "vi": ("tôi không thể đăng nhập",),
    "ru": ("Где мой заказ?",),
    "uk": ("Де моє замовлення? Я не можу увійти",),
    "zh": ("请帮助我", "API 返回错误 500，请帮忙"),
    "ja": ("注文が届きません", "ログインできません"),
    "ko": ("환불 부탁드립니다",),
    "ar": ("لا أستطيع تسجيل الدخول",),
    "hi": ("मेरा ऑर्डर कहाँ है",),
    "el": ("Πού είναι η παραγγελία μου",),
    "he": ("איפה ההזמנה שלי",),
    "th": ("ช่วยด้วย",),
}  # fmt: skip

ENGLISH_TEXTS = (
    "card not working", "cancel pls", "invoice", "refund", "help", "thx", "VPN down", "password reset", "pls fix",
    "api 500", "Order 55121 delayed", "login error", "docker compose up fails", "Zoom meeting audio issue",
    "app crash iOS 18", "Outlook calendar sync", "2fa broken", "CARD DECLINED AGAIN", "can't login", "blue screen",
    "plan upgrade", "Munich office door badge", "La Jolla office network down", "Der Button is broken",
    "I paid in Zürich, café receipt", "Can I get a Schnitzel refund for my Grafana dashboard",
    "My name is Владимир and I cannot log in",
)  # fmt: skip

OF_NO_LANGUAGE = (
    "", "   ", "?!", "😡😡", "12345", "TICKET-4711", "https://example.com/mein/konto", "ERR_CONNECTION_RESET",
    "NullPointerException", "user@example.com", "Error500", "x",
)  # fmt: skip


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in FOREIGN.items() for text in texts])
def test_another_language_is_known(code: str, text: str) -> None:
    assert language(text) == code
    assert not is_english(text)


@pytest.mark.parametrize("text", ENGLISH_TEXTS)
def test_short_english_is_english(text: str) -> None:
    assert language(text) == "en"
    assert is_english(text)


@pytest.mark.parametrize("text", OF_NO_LANGUAGE)
def test_what_is_no_language_is_not_taken_for_one(text: str) -> None:
    assert language(text) == ""
    assert is_english(text), "rules may still read an error message"


def test_of_two_languages_the_larger_part_counts() -> None:
    reply = "The export still fails for two of our users, could you have another look at it?"
    signature = "Mit freundlichen Grüßen\nAnn Beispiel, Geschäftsführerin der Beispiel GmbH, Registergericht München"
    assert language(f"{reply}\n\n{signature}") == "en"
    assert language(f"{reply}\n\n--\nDiese Nachricht ist vertraulich und nur für den Empfänger bestimmt.") == "en"
    assert language("Der Export funktioniert bei uns nicht mehr, können Sie das bitte prüfen? Thanks") == "de"


def test_quoted_mail_is_not_what_the_person_speaks() -> None:
    assert language("Yes, that works.\n\nOn Monday, Bob wrote:\n> Meine Rechnung ist falsch, bitte um Hilfe") == "en"


def test_frequent_english_is_told_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> Any:
        raise AssertionError("the model of 100 MB was read")

    monkeypatch.setattr(reading, "_model", never)
    assert language("I was charged twice and would like to have my money back.") == "en"
    assert language("Ich habe meine Bestellung noch nicht bekommen") == "de"
    assert language("请帮助我") == "zh"


def test_threads_share_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask first, it is read once."""
    loaded: list[Any] = []
    monkeypatch.setattr(reading, "_loaded", loaded)
    together = threading.Barrier(4)

    def ask(_: int) -> str:
        together.wait()
        return language("grafana zuletzt langsam")

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(ask, range(4)))
    assert len(answers) == 1
    assert len(loaded) == 1


def test_lists_hold_lower_case_words() -> None:
    assert SHARED <= ENGLISH
    assert all(word == word.lower() for words in (ENGLISH, *OTHERS.values()) for word in words)


FOLDER = shared("datasets/intents")


@pytest.mark.slow
@pytest.mark.skipif(FOLDER is None, reason="the requests lie beside the repository, not in it, and are absent")
def test_english_requests_are_not_taken_for_another_language() -> None:
    assert FOLDER is not None
    with (FOLDER / "clinc150_part.csv").open(encoding="utf-8", newline="") as lines:
        texts = [row["text"] for row in csv.DictReader(lines)]
    lost = [text for text in texts if not is_english(text)]
    assert len(texts) > 10_000
    assert len(lost) / len(texts) < 0.001, lost
