package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
)

// statements are prepared once; database/sql prepares those of the readers anew on each connection that needs them.
type statements struct {
	get, exists, list, count *sql.Stmt // readers

	begin, commit, rollback    *sql.Stmt // the writer
	savepoint, undo, release   *sql.Stmt
	putAny, putAbsent, putSeen *sql.Stmt
	deleteAny, deleteSeen      *sql.Stmt
	lies, clear                *sql.Stmt
	sizes, victims, evict      *sql.Stmt
	touch                      *sql.Stmt
}

const insert = `INSERT INTO items (key, version, form, item_group, retain, stored, label, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) `

const assign = ` SET version = ?2, form = ?3, item_group = ?4, retain = ?5, stored = ?6, label = ?7, value = ?8 `

// preparer is a pool or one connection.
type preparer interface {
	PrepareContext(ctx context.Context, text string) (*sql.Stmt, error)
}

type statement struct {
	by   preparer
	stmt **sql.Stmt
	text string
}

func (s *statements) all(write, read preparer, accounts bool) []statement {
	all := []statement{
		{read, &s.get, `SELECT version, form, item_group, retain, stored, label, value FROM items WHERE key = ?1`},
		{read, &s.exists, `SELECT 1 FROM items WHERE key = ?1`},
		{read, &s.list, `SELECT key, version, form, item_group, retain, stored, label, octet_length(value) FROM items
			WHERE key > ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4`},
		{read, &s.count, `SELECT count(*), coalesce(sum(octet_length(value)), 0) FROM items WHERE key >= ?1 AND key < ?2`},

		{write, &s.begin, `BEGIN IMMEDIATE`},
		{write, &s.commit, `COMMIT`},
		{write, &s.rollback, `ROLLBACK`},
		{write, &s.savepoint, `SAVEPOINT item`},
		{write, &s.undo, `ROLLBACK TO item`},
		{write, &s.release, `RELEASE item`},
		// A condition stands inside the statement that writes.
		{write, &s.putAny, insert + `ON CONFLICT (key) DO UPDATE` + assign},
		{write, &s.putAbsent, insert + `ON CONFLICT (key) DO NOTHING`},
		{write, &s.putSeen, `UPDATE items` + assign + `WHERE key = ?1 AND version = ?9`},
		{write, &s.deleteAny, `DELETE FROM items WHERE key = ?1`},
		{write, &s.deleteSeen, `DELETE FROM items WHERE key = ?1 AND version = ?2`},
		{write, &s.lies, `SELECT 1 FROM items WHERE key = ?1`},
		{write, &s.clear, `DELETE FROM items WHERE id IN (SELECT id FROM items WHERE key >= ?1 AND key < ?2 LIMIT ?3)`},
	}
	if !accounts {
		return all
	}
	return append(all, []statement{
		{write, &s.sizes, `SELECT bytes, coalesce((SELECT bytes FROM groups WHERE name = ?1), 0) FROM total`},
		{write, &s.victims, `SELECT name, bytes FROM groups WHERE name <> ?1 ORDER BY expires > ?2, read`},
		{write, &s.evict, `DELETE FROM items WHERE item_group = ?1 AND item_group <> ''`},
		{write, &s.touch, `UPDATE groups SET read = ?2 WHERE name = ?1 AND read <= ?2 - ?3`},
	}...)
}

// prepare prepares those that need the accounts only where they are kept.
func (s *statements) prepare(write, read preparer, accounts bool) error {
	for _, p := range s.all(write, read, accounts) {
		if *p.stmt != nil {
			continue // prepared before a busy database stopped the rest
		}
		stmt, err := p.by.PrepareContext(context.Background(), p.text)
		if err != nil {
			return err
		}
		*p.stmt = stmt
	}
	return nil
}

func (s *statements) close() error {
	var err error
	for _, p := range s.all(nil, nil, true) {
		if *p.stmt != nil {
			err = errors.Join(err, (*p.stmt).Close())
		}
	}
	return err
}
