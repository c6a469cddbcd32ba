"""Saved views: an address of the page under a name. Everybody who uses the page shares them: it knows no users."""

from __future__ import annotations

import hashlib
import unicodedata
from urllib.parse import urlencode

import msgspec

from dashboards.panels.errors import FilterError
from index.store import Keeper, Kept, Store
from netdocket.errors import StoreError

KIND = "saved_views"
LONGEST_NAME = 80
MOST = 200


class SavedView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`path` and `parameters` (filters and order): the address. `index`: the records that the page is about.
    `saved_at`: UTC."""

    name: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    index: str
    saved_at: str

    @property
    def address(self) -> str:
        return f"{self.path}?{urlencode(self.parameters)}" if self.parameters else self.path


def keeper(store: Store) -> Keeper:
    """Raises StoreError for a store that keeps nothing of people's."""
    if not isinstance(store, Keeper):
        raise StoreError("this store keeps nothing that people set down")
    return store


def saved_views(store: Store) -> Kept[SavedView]:
    return keeper(store).user_state(KIND, SavedView)


def by_name(store: Store) -> list[tuple[str, SavedView]]:
    """(key, view) of all."""
    return sorted(saved_views(store).all().items(), key=lambda pair: pair[1].name.casefold())


def is_new(store: Store, view: SavedView) -> bool:
    """False where this very view is kept under this name. Raises FilterError for a name that is none, or is another
    view's, and where there are too many."""
    if not 1 <= len(view.name) <= LONGEST_NAME or not view.name.isprintable():
        raise FilterError(
            f"a name has 1 to {LONGEST_NAME} characters", f"名称为 1 至 {LONGEST_NAME} 个字符", where="name"
        )
    kept = saved_views(store)
    held = kept.get(key_of(view.name))
    if held and held.address != view.address:
        raise FilterError("another view has this name", "已有同名视图", where=view.name)
    if held is None and len(kept.all()) >= MOST:
        raise FilterError(
            f"{MOST} views are kept; remove one", f"已有 {MOST} 个视图，请先移除", where=view.name
        )
    return held is None


def save(store: Store, view: SavedView) -> str:
    """The key under which it is kept; one that is there already stays as it is. Raises FilterError, as `is_new`."""
    key = key_of(view.name)
    if is_new(store, view):
        saved_views(store).put(key, view)
    return key


def key_of(name: str) -> str:
    """The same for names that differ in case or in the way that letters are composed."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return hashlib.sha256(folded.encode()).hexdigest()[:16]
