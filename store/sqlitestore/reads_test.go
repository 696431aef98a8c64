package sqlitestore_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
)

// witness is another connection, which sees whether anybody commits.
type witness struct {
	t    *testing.T
	conn *sql.Conn
	path string
}

func watch(t *testing.T, path string) witness {
	t.Helper()
	c, err := shell(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return witness{t, c, path}
}

func (w witness) state() (version int64, file []byte) {
	w.t.Helper()
	if err := w.conn.QueryRowContext(context.Background(), "PRAGMA data_version").Scan(&version); err != nil {
		w.t.Fatal(err)
	}
	for _, name := range []string{w.path, w.path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil {
			w.t.Fatal(err)
		}
		file = append(file, b...)
	}
	return version, file
}

func TestHitsWriteNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	o := &sqlitestore.Options{MaxBytes: 10 << 20}
	st := openWith(t, path, o)
	for i := range 50 {
		put(t, st, fmt.Sprintf("e/%d", i), item(1000, fmt.Sprintf("g/%d", i)), store.Absent)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, shell(t, path), `UPDATE groups SET read = read - 7200000`)
	w := watch(t, path)
	st = openWith(t, path, o)
	read := func() {
		t.Helper()
		for i := range 1000 {
			if !has(t, st, fmt.Sprintf("e/%d", i%50)) {
				t.Fatal("not there")
			}
		}
	}
	quiet := func(what string, f func()) {
		t.Helper()
		version, file := w.state()
		f()
		if v, b := w.state(); v != version || !bytes.Equal(b, file) {
			t.Errorf("%s wrote: data_version was %d, is %d; %d bytes were there, %d are", what, version, v, len(file), len(b))
		}
	}
	const old = `SELECT count(*) FROM groups WHERE read < (SELECT max(read) FROM groups) - 3600000`
	quiet("Get before the first flush", read)
	put(t, st, "m", store.Item{}, store.Absent) // the notes go along
	if n := number(t, path, old); n != 0 {
		t.Errorf("the time of %d groups was not written", n)
	}
	quiet("Get within the hour", read)
	before := number(t, path, `SELECT sum(read) FROM groups`)
	put(t, st, "m", store.Item{}, store.Any)
	if n := number(t, path, `SELECT sum(read) FROM groups`); n != before {
		t.Error("times were written again within the hour")
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}

	// A process that only reads leaves its notes when it closes, and none where they are not an hour old.
	run(t, shell(t, path), `UPDATE groups SET read = read - 7200000 WHERE name <> 'g/0'`)
	for range 2 {
		st = openWith(t, path, o)
		read()
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if n := number(t, path, old); n != 0 {
			t.Errorf("the time of %d groups was not written by Close", n)
		}
		sum := number(t, path, `SELECT sum(read) FROM groups`)
		if before < sum {
			before = sum // the first round
		} else if before != sum {
			t.Error("times were written again within the hour")
		}
	}
	st = open(t, path) // without a limit
	run(t, shell(t, path), `UPDATE groups SET read = 0`)
	read()
	put(t, st, "m", store.Item{}, store.Any)
	if n := number(t, path, `SELECT max(read) FROM groups`); n != 0 {
		t.Error("a time was written although nothing is evicted")
	}
}
