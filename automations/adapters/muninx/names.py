"""The field names of the three calls whose shape is inferred: creating, listing and getting a ticket."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """How a ticket's fields are called. Every default is INFERRED: from the documented PATCH and the analytics filters.

    `items`, `limit`, `page` and `next` belong to the list, by the paging that is documented for messages. `envelope` is
    the key that holds the ticket in an answer, empty where the answer is the ticket itself. An empty name for
    `skip_notifications` sends no such key.
    """

    id: str = "id"
    number: str = "number"
    title: str = "title"
    description: str = "description"
    status: str = "status"
    priority: str = "priority"
    assignee: str = "assignee"
    created_at: str = "created-at"
    updated_at: str = "updated-at"
    skip_notifications: str = "skip-notifications"
    envelope: str = ""
    items: str = "items"
    limit: str = "limit"
    page: str = "pageToken"
    next: str = "nextPageToken"
