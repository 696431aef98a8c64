package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/larder-go/larder/store"
)

// applyPut writes an item and keeps the limits: other groups make way for it, or nothing of it stays.
func (s *Store) applyPut(op *operation) error {
	if s.limits.none() {
		return s.write(op)
	}
	total, entry, err := s.sizes(op.item.Group)
	if err != nil {
		return err
	}
	// An item that lies there already makes it less, never more.
	if total <= s.limits.total-op.cost && entry <= s.limits.entry-op.cost {
		return s.write(op)
	}
	if err := s.execute(s.stmts.savepoint); err != nil {
		return err
	}
	err = s.write(op)
	if err == nil {
		err = s.fit(op)
	}
	if err != nil {
		if undo := s.execute(s.stmts.undo); undo != nil {
			return undo
		}
	}
	return errors.Join(err, s.execute(s.stmts.release))
}

// sizes returns the cost of everything, and that of a group.
func (s *Store) sizes(group string) (total, entry int64, err error) {
	err = s.stmts.sizes.QueryRowContext(context.Background(), group).Scan(&total, &entry)
	return total, entry, err
}

// fit brings the file within its limits again after op was written.
func (s *Store) fit(op *operation) error {
	total, entry, err := s.sizes(op.item.Group)
	if err != nil {
		return err
	}
	if op.item.Group != "" {
		if err := s.limits.checkEntry(entry); err != nil {
			return err
		}
	}
	if total <= s.limits.total {
		return nil
	}
	// Some more than needed, so that the next puts need not do the same.
	spare := s.limits.total / 20
	groups, freed, err := s.victims(op.item.Group, total-s.limits.total+spare)
	if err != nil {
		return err
	}
	if total-freed > s.limits.total {
		return fmt.Errorf("%w: %d bytes are kept, %d of them may be evicted, and at most %d are allowed",
			store.ErrTooLarge, total, freed, s.limits.total)
	}
	for _, group := range groups {
		if err := s.execute(s.stmts.evict, group); err != nil {
			return err
		}
	}
	return nil
}

// victims returns the groups to evict for so many bytes, or all but keep where those are fewer: first what has expired,
// then what was not used for the longest time. It looks at all groups rather than have every Get and Put keep an index
// of times up to date.
func (s *Store) victims(keep string, bytes int64) (groups []string, freed int64, err error) {
	rows, err := s.stmts.victims.QueryContext(context.Background(), keep, time.Now().UnixMilli())
	if err != nil {
		return nil, 0, err
	}
	for freed < bytes && rows.Next() {
		var name string
		var size int64
		if err := rows.Scan(&name, &size); err != nil {
			return nil, 0, errors.Join(err, rows.Close())
		}
		groups = append(groups, name)
		freed += size
	}
	return groups, freed, errors.Join(rows.Err(), rows.Close())
}
