package sqlitestore

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/larder-go/larder/store"
)

// Put implements [store.Store]. Concurrent calls share a transaction. If ctx ends while the call waits for its turn,
// nothing is written and Put returns ctx.Err(); once the transaction has begun, Put returns what became of it.
//
// A Lazy item is queued and committed with the next Put that is not Lazy, or within 100 ms; where 4 MiB of them are
// waiting, Put waits too. An item over the limits of [Options] is ErrTooLarge, which a Lazy one may learn through Lost.
func (s *Store) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	op, err := s.newPut(ctx, key, it, was)
	if err == nil {
		err = s.queue.do(ctx, op)
	}
	if err != nil {
		return store.Absent, &store.Error{Op: "put", Key: key, Err: err}
	}
	return op.item.Version, nil
}

func (s *Store) newPut(ctx context.Context, key string, it store.Item, was store.Version) (*operation, error) {
	if err := s.usable(ctx, key); err != nil {
		return nil, err
	}
	if err := store.CheckItem(it); err != nil {
		return nil, err
	}
	op := &operation{kind: put, key: key, was: was, cost: cost(it), lazy: it.Lazy}
	if err := s.limits.check(it, op.cost); err != nil {
		return nil, err
	}
	if it.Lazy {
		op.lost = it.Lost
		it.Value, it.Label = bytes.Clone(it.Value), bytes.Clone(it.Label)
	}
	// A random version needs no counter that processes share, and none comes twice after a delete or an old backup.
	it.Version = store.Version(rand.Text())
	it.Key, it.Size, it.Lazy, it.Lost = key, int64(len(it.Value)), false, nil
	// What waits is read as it will be when it comes from the file.
	it.Stored = time.UnixMilli(time.Now().UnixMilli())
	if !it.Retain.IsZero() {
		it.Retain = time.UnixMilli(it.Retain.UnixMilli())
	}
	op.item = it
	return op, nil
}

// Delete implements [store.Store]. It waits, and shares a transaction, as Put does.
func (s *Store) Delete(ctx context.Context, key string, was store.Version) error {
	err := s.usable(ctx, key)
	if err == nil {
		err = s.queue.do(ctx, &operation{kind: remove, key: key, was: was})
	}
	if err != nil {
		return &store.Error{Op: "delete", Key: key, Err: err}
	}
	return nil
}

// retainOf is null for never.
func retainOf(it *store.Item) any {
	if it.Retain.IsZero() {
		return nil
	}
	return it.Retain.UnixMilli()
}

// labelOf is null for none, and text where it is text, so that a person can read it.
func labelOf(it *store.Item) any {
	if len(it.Label) == 0 {
		return nil
	}
	if isText(it.Label) {
		return string(it.Label)
	}
	return it.Label
}

// valueOf is text where the form is a text one and the bytes are text, otherwise a blob.
func valueOf(it *store.Item) any {
	_, ext, found := cutLast(it.Form, ".")
	if !found {
		ext = it.Form
	}
	switch ext {
	case "json", "yaml", "yml", "toml", "xml", "txt", "b64":
		if isText(it.Value) {
			return string(it.Value)
		}
	}
	if it.Value == nil {
		return []byte{} // nil would be null
	}
	return it.Value
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// isText reports whether SQLite can give the bytes back from a TEXT unchanged; the shell stops at a NUL.
func isText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }
