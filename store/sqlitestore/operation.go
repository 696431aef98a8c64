package sqlitestore

import (
	"context"
	"fmt"

	"github.com/larder-go/larder/store"
)

// operation is one call that writes, from the moment it is queued until it is committed.
type operation struct {
	kind kind
	key  string        // a prefix for clearPage
	item store.Item    // of a put: as Get will return it
	was  store.Version // the condition
	cost int64         // of a put: what it counts towards the limits
	lost func(error)   // of a lazy put; may be nil

	lazy  bool
	state state // guarded by queue.mu

	// These are the committer's until done is closed, and the caller's afterwards.
	rows int64 // that were changed
	err  error
	done chan struct{} // nil for a lazy put, which nobody waits for
}

type kind int

const (
	put kind = iota
	remove
	clearPage // deletes clearRows items at most
)

type state int

const (
	queued    state = iota
	taken           // by a transaction
	withdrawn       // its caller's context ended first
)

// apply runs op inside the transaction that is open on the writing connection.
func (s *Store) apply(op *operation) error {
	switch op.kind {
	case put:
		return s.applyPut(op)
	case remove:
		return s.applyRemove(op)
	case clearPage:
		return s.change(op, s.stmts.clear, op.key, end(op.key), clearRows)
	}
	return fmt.Errorf("operation of kind %d", op.kind) // not reached
}

func (s *Store) applyRemove(op *operation) error {
	switch op.was {
	case store.Any:
		return s.change(op, s.stmts.deleteAny, op.key)
	case store.Absent:
	default:
		if err := s.change(op, s.stmts.deleteSeen, op.key, string(op.was)); err != nil || op.rows > 0 {
			return err
		}
	}
	// Nothing was removed: either there is nothing, which is what was asked for, or there is something else.
	there, err := exists(context.Background(), s.stmts.lies, op.key)
	if err == nil && there {
		err = store.ErrChanged
	}
	return err
}

// write puts the item of op, if its condition holds.
func (s *Store) write(op *operation) error {
	it := &op.item
	args := []any{op.key, string(it.Version), it.Form, it.Group, retainOf(it), it.Stored.UnixMilli(), labelOf(it), valueOf(it)}
	stmt := s.stmts.putSeen
	switch op.was {
	case store.Any:
		stmt = s.stmts.putAny
	case store.Absent:
		stmt = s.stmts.putAbsent
	default:
		args = append(args, string(op.was))
	}
	if err := s.change(op, stmt, args...); err != nil {
		return err
	}
	if op.rows == 0 {
		return store.ErrChanged
	}
	return nil
}
