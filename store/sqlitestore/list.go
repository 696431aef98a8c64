package sqlitestore

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/larder-go/larder/store"
)

const (
	listPage  = 256  // items that List reads at once
	clearPage = 1000 // items that Clear deletes in one transaction
)

// List implements [store.Store], in the order of the keys. No transaction is open while the loop runs.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		after := ""
		for {
			page, err := s.page(ctx, prefix, after)
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
			if len(page) < listPage {
				return
			}
			after = page[len(page)-1].Key
		}
	}
}

func (s *Store) alive(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// page reads the items behind the key after.
func (s *Store) page(ctx context.Context, prefix, after string) (page []store.Item, err error) {
	if err := s.alive(ctx); err != nil || !possible(prefix) {
		return nil, err
	}
	err = s.retry(ctx, func() error {
		page = nil
		rows, err := s.stmts.list.QueryContext(ctx, after, prefix, end(prefix), listPage)
		if err != nil {
			return err
		}
		for rows.Next() {
			var key string
			var size int64
			var r row
			if err := rows.Scan(&key, &r.version, &r.form, &r.group, &r.retain, &r.stored, &r.label, &size); err != nil {
				return errors.Join(err, rows.Close())
			}
			it := r.item()
			it.Key, it.Size = key, size
			page = append(page, it)
		}
		return errors.Join(rows.Err(), rows.Close())
	})
	return page, err
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
		var n int64
		if err == nil {
			n, err = s.exec(ctx, s.stmts.clear, prefix, end(prefix), clearPage)
		}
		if err != nil {
			return total, s.fail("clear", prefix, err)
		}
		total += int(n)
		if n < clearPage {
			return total, nil
		}
	}
}
