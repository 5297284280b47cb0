"""Opens the sources of customers that the settings name. The only place where their adapters are chosen."""

from collections.abc import Iterator, Mapping

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from automations.adapters.customers_file.source import CustomersFile
from automations.adapters.customers_sql.source import CustomersSql
from automations.customer_ports import CustomerSource
from automations.errors import ConfigError
from automations.ports import Clock
from bot.settings import Settings
from bot.settings_customers import CustomerSourceSection, CustomersSection


def open_sources(settings: Settings, clock: Clock) -> Mapping[str, CustomerSource]:
    """Each source of the settings by its name, the desk not among them; none without [customers]. Nothing is read yet.

    Raises: ConfigError naming the source, without its password.
    """
    section = settings.customers
    if section is None:
        return {}
    return {one.name: _opened(one, section, clock) for one in section.sources}


def source_secrets(settings: Settings) -> Mapping[str, str]:
    """What must never be shown of the sources: each URL that stands in a file of its own, by its key.

    Raises: ConfigError if such a file cannot be read or is empty.
    """
    sources = settings.customers.sources if settings.customers is not None else ()
    return {_key(one, "url"): _url(one) for one in sources if one.kind == "sql" and one.url_file is not None}


def passwords(settings: Settings) -> Iterator[str]:
    """Those URLs, and each password in them, so that none of them can reach a log or a message. Raises: ConfigError."""
    for url in source_secrets(settings).values():
        yield url
        try:
            parsed = make_url(url)
        except ArgumentError:  # told where the source is opened
            continue
        if parsed.password:
            yield str(parsed.password)
        yield from (str(value) for key, value in parsed.query.items() if "pass" in key.lower())


def columns_in_use(section: CustomersSection, source: CustomerSourceSection) -> tuple[str, ...]:
    """The column with the account id, and that of each field whose truth is in this source."""
    fields = (one.column or one.name for one in section.fields if one.source == source.name)
    return tuple(dict.fromkeys((source.account, *fields)))


def _opened(source: CustomerSourceSection, section: CustomersSection, clock: Clock) -> CustomerSource:
    columns = columns_in_use(section, source)
    if source.kind == "file" and source.path is not None:
        return CustomersFile(
            source.name, source.path, columns, clock.now, at_least=source.at_least, max_age=source.max_age
        )
    try:
        return CustomersSql(
            source.name,
            _url(source),
            source.query or "",
            columns,
            clock.now,
            cursor=source.cursor,
            at_least=source.at_least,
        )
    except ValueError as exc:
        raise ConfigError(f"{_key(source)}: {exc}.") from exc


def _url(source: CustomerSourceSection) -> str:
    if source.url_file is None:
        return source.url or ""
    try:
        text = source.url_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        words = f"{source.url_file} cannot be read ({type(exc).__name__})"
        raise ConfigError(f"{_key(source, 'url_file')}: {words}.") from exc
    if not text:
        raise ConfigError(f"{_key(source, 'url_file')}: {source.url_file} is empty.")
    return text


def _key(source: CustomerSourceSection, key: str = "") -> str:
    return f"customers.sources.{source.name}{f'.{key}' if key else ''}"
