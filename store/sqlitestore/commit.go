package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/larder-go/larder/store"
)

// commit writes what is queued in one transaction, in the order of the calls. It waits for other processes first and
// takes the operations then, so that what is queued meanwhile comes along, or is still free to be withdrawn. If ctx ends
// before, everything stays queued.
func (s *Store) commit(ctx context.Context) {
	early := s.queue.len()
	err := s.begin(ctx)
	if err != nil && ctx.Err() != nil {
		return
	}
	var batch []*operation
	if err == nil {
		batch = s.queue.take(-1)
		err = s.finish(s.applyAll(batch))
	} else {
		batch = s.queue.take(early) // those that came while it was tried wait for the next transaction
	}
	for _, op := range batch {
		if err != nil {
			op.err = explain(err)
		}
	}
	s.queue.settle(batch)
}

// begin opens a transaction on the writing connection. ctx ends the wait for it. No other writer can be in its way
// afterwards, so that nothing later is tried again.
func (s *Store) begin(ctx context.Context) error {
	err := s.retry(ctx, func() error {
		_, err := s.stmts.begin.ExecContext(ctx)
		return err
	})
	if err != nil {
		s.rollback() // it may have begun in the instant in which ctx ended
	}
	return err
}

// finish commits the transaction if err is nil, otherwise it takes it back.
func (s *Store) finish(err error) error {
	if err == nil {
		err = s.execute(s.stmts.commit)
	}
	if err != nil {
		s.rollback()
	}
	return err
}

// rollback has no error worth telling: after some failures SQLite has rolled back by itself and says so, and where
// neither helped, the next begin fails.
func (s *Store) rollback() { _ = s.execute(s.stmts.rollback) }

// applyAll applies the operations, each after those before it. One that is refused leaves the others alone; any other
// error ends the transaction.
func (s *Store) applyAll(batch []*operation) error {
	now := time.Now()
	for _, op := range batch {
		op.err = nil // of an attempt before
		switch err := s.apply(op); {
		case err == nil:
			s.reads.wrote(op.item.Group, now)
		case errors.Is(err, store.ErrChanged), errors.Is(err, store.ErrTooLarge):
			op.err = err
		default:
			return err
		}
	}
	return s.flushReads(s.reads.take(), now)
}

// change runs a statement of op on the writing connection.
func (s *Store) change(op *operation, stmt *sql.Stmt, args ...any) error {
	res, err := stmt.ExecContext(context.Background(), args...)
	if err == nil {
		op.rows, err = res.RowsAffected()
	}
	return err
}

func (s *Store) execute(stmt *sql.Stmt, args ...any) error {
	_, err := stmt.ExecContext(context.Background(), args...)
	return err
}
