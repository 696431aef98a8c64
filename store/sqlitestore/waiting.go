package sqlitestore

import (
	"slices"
	"strings"

	"github.com/larder-go/larder/store"
)

// Lazy puts that are not committed yet are seen through this Store. Readers ask here first and the file afterwards: what
// was committed in between is in the file by then, so that nothing is seen in neither.

// lookup returns the item that waits under key.
func (q *queue) lookup(key string) (store.Item, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	op := q.waiting[key]
	if op == nil {
		return store.Item{}, false
	}
	return op.item, true
}

// under returns what waits under prefix and behind the key after, without values, in the order of the keys.
func (q *queue) under(prefix, after string) []store.Item {
	q.mu.Lock()
	defer q.mu.Unlock()
	var found []store.Item
	for key, op := range q.waiting {
		if key > after && strings.HasPrefix(key, prefix) {
			it := op.item
			it.Value = nil
			found = append(found, it)
		}
	}
	slices.SortFunc(found, byKey)
	return found
}

// covers reports whether anything waits under prefix.
func (q *queue) covers(prefix string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for key := range q.waiting {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

func byKey(a, b store.Item) int { return strings.Compare(a.Key, b.Key) }

// overlay puts what waits over a page of the file. Both are in the order of the keys, and so is what is returned.
func overlay(page, waiting []store.Item) []store.Item {
	if len(waiting) == 0 {
		return page
	}
	hidden := func(it store.Item) bool {
		_, found := slices.BinarySearchFunc(waiting, it, byKey)
		return found
	}
	page = append(slices.DeleteFunc(page, hidden), waiting...)
	slices.SortFunc(page, byKey)
	return page
}
