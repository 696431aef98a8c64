package sqlitestore

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/larder-go/larder/store"
)

const (
	listPage  = 256  // items that List reads at once
	clearRows = 1000 // items that Clear deletes in one transaction
)

// List implements [store.Store], in the order of the keys. No transaction is open while the loop runs.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for after, more := "", true; more; {
			var page []store.Item
			var err error
			page, after, more, err = s.page(ctx, prefix, after)
			if err != nil {
				yield(store.Item{}, s.fail("list", prefix, err))
				return
			}
			for _, it := range page {
				if err := s.alive(ctx); err != nil {
					yield(store.Item{}, s.fail("list", prefix, err))
					return
				}
				if !yield(it, nil) {
					return
				}
			}
		}
	}
}

func (s *Store) alive(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// page returns the items behind the key after, as far as the file's next page goes, and the last key of that.
func (s *Store) page(ctx context.Context, prefix, after string) (page []store.Item, last string, more bool, err error) {
	if err := s.alive(ctx); err != nil || !possible(prefix) {
		return nil, "", false, err
	}
	waiting := s.queue.under(prefix, after)
	err = s.retry(ctx, func() (err error) {
		page, err = s.filePage(ctx, prefix, after)
		return err
	})
	if more = len(page) == listPage; more {
		last = page[listPage-1].Key
		waiting = slices.DeleteFunc(waiting, func(it store.Item) bool { return it.Key > last })
	}
	return overlay(page, waiting), last, more, err
}

func (s *Store) filePage(ctx context.Context, prefix, after string) (page []store.Item, err error) {
	rows, err := s.stmts.list.QueryContext(ctx, after, prefix, end(prefix), listPage)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var key string
		var size int64
		var r row
		if err := rows.Scan(&key, &r.version, &r.form, &r.group, &r.retain, &r.stored, &r.label, &size); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		it := r.item()
		it.Key, it.Size = key, size
		page = append(page, it)
	}
	return page, errors.Join(rows.Err(), rows.Close())
}

// possible reports whether a key may begin with prefix at all.
func possible(prefix string) bool {
	return !strings.ContainsFunc(prefix, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '/'
	})
}

// end is above every key with the prefix: no key holds DEL.
func end(prefix string) string { return prefix + "\x7f" }

// Count implements [store.Counter].
func (s *Store) Count(ctx context.Context, prefix string) (items int, bytes int64, err error) {
	if s.queue.covers(prefix) {
		// What waits may replace what is in the file; List knows.
		for it, err := range s.List(ctx, prefix) {
			if err != nil {
				return 0, 0, err
			}
			items++
			bytes += it.Size
		}
		return items, bytes, nil
	}
	err = s.alive(ctx)
	if err == nil && possible(prefix) {
		err = s.retry(ctx, func() error {
			return s.stmts.count.QueryRowContext(ctx, prefix, end(prefix)).Scan(&items, &bytes)
		})
	}
	if err != nil {
		return 0, 0, s.fail("count", prefix, err)
	}
	return items, bytes, nil
}

// Clear implements [store.Clearer]. It deletes many items at a time, and lets other writers in between.
func (s *Store) Clear(ctx context.Context, prefix string) (int, error) {
	total := 0
	for {
		err := s.alive(ctx)
		if err == nil && !possible(prefix) {
			return total, nil
		}
		op := &operation{kind: clearPage, key: prefix}
		if err == nil {
			err = s.queue.do(ctx, op)
		}
		if err != nil {
			return total, &store.Error{Op: "clear", Key: prefix, Err: err}
		}
		total += int(op.rows)
		if op.rows < clearRows {
			return total, nil
		}
	}
}
