package sqlitestore

import (
	"database/sql"
	"errors"
)

// statements are prepared once; database/sql prepares them anew on each connection that needs them.
type statements struct {
	get, exists, list, count     *sql.Stmt // readers
	putAny, putAbsent, putSeen   *sql.Stmt // the writer
	deleteAny, deleteSeen, clear *sql.Stmt
}

const insert = `INSERT INTO items (key, version, form, item_group, retain, stored, label, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) `

const assign = ` SET version = ?2, form = ?3, item_group = ?4, retain = ?5, stored = ?6, label = ?7, value = ?8 `

// Every condition stands inside the statement that writes, so it is judged under the lock that the write has.
func (s *statements) prepare(write, read *sql.DB) error {
	for _, p := range []struct {
		db   *sql.DB
		stmt **sql.Stmt
		text string
	}{
		{read, &s.get, `SELECT version, form, item_group, retain, stored, label, value FROM items WHERE key = ?1`},
		{read, &s.exists, `SELECT 1 FROM items WHERE key = ?1`},
		{read, &s.list, `SELECT key, version, form, item_group, retain, stored, label, octet_length(value) FROM items
			WHERE key > ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4`},
		{read, &s.count, `SELECT count(*), coalesce(sum(octet_length(value)), 0) FROM items WHERE key >= ?1 AND key < ?2`},
		{write, &s.putAny, insert + `ON CONFLICT (key) DO UPDATE` + assign},
		{write, &s.putAbsent, insert + `ON CONFLICT (key) DO NOTHING`},
		{write, &s.putSeen, `UPDATE items` + assign + `WHERE key = ?1 AND version = ?9`},
		{write, &s.deleteAny, `DELETE FROM items WHERE key = ?1`},
		{write, &s.deleteSeen, `DELETE FROM items WHERE key = ?1 AND version = ?2`},
		{write, &s.clear, `DELETE FROM items WHERE id IN (SELECT id FROM items WHERE key >= ?1 AND key < ?2 LIMIT ?3)`},
	} {
		if *p.stmt != nil {
			continue // prepared before a busy database stopped the rest
		}
		stmt, err := p.db.Prepare(p.text)
		if err != nil {
			return err
		}
		*p.stmt = stmt
	}
	return nil
}

func (s *statements) close() error {
	var err error
	for _, stmt := range []*sql.Stmt{
		s.get, s.exists, s.list, s.count, s.putAny, s.putAbsent, s.putSeen, s.deleteAny, s.deleteSeen, s.clear,
	} {
		if stmt != nil {
			err = errors.Join(err, stmt.Close())
		}
	}
	return err
}
