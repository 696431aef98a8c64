package sqlitestore_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
)

// version1 is what the first version of larder made of a new file.
const version1 = `
PRAGMA page_size = 8192;
PRAGMA journal_mode = WAL;
CREATE TABLE items (
	id         INTEGER PRIMARY KEY,
	key        TEXT NOT NULL UNIQUE,
	version    TEXT NOT NULL,    -- random, new with every put
	form       TEXT NOT NULL,    -- which pipeline wrote the value, and its file extension
	item_group TEXT NOT NULL,    -- evicted together; empty: none
	retain     INTEGER,          -- may be dropped after, milliseconds since 1970; null: never
	stored     INTEGER NOT NULL, -- milliseconds since 1970
	label,                       -- text or blob; null: none
	value      NOT NULL          -- text or blob
);
PRAGMA application_id = 0x6c726472;
PRAGMA user_version = 1;`

func TestAFileOfVersion1IsBroughtUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	run(t, shell(t, path), version1)
	const add = `INSERT INTO items (key, version, form, item_group, retain, stored, label, value) VALUES ('%s', 'v%d', '1.json', '%s', %s, %d, %s, %s);`
	now := time.Now().UnixMilli()
	for i := range 100 {
		retain, label, value := "NULL", "NULL", "'{}'"
		if i%3 == 0 {
			retain, label, value = fmt.Sprint(now+int64(i)), "'ä'", "zeroblob(20000)"
		}
		run(t, shell(t, path), fmt.Sprintf(add, fmt.Sprint("e/", i), i, fmt.Sprint("g/", i%10), retain, now, label, value))
	}
	run(t, shell(t, path), fmt.Sprintf(add, "m", 1, "", "NULL", now, "NULL", "'{}'"))

	var wg sync.WaitGroup
	for range 4 { // at once
		wg.Go(func() {
			st, err := sqlitestore.Open(path, &sqlitestore.Options{MaxEntry: 1 << 30})
			if err == nil {
				err = st.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	audit(t, path)
	if v := number(t, path, "PRAGMA user_version"); v != 2 {
		t.Errorf("the file has version %d, want 2", v)
	}
	st := openWith(t, path, &sqlitestore.Options{MaxBytes: 400_000})
	if n, b, err := st.Count(t.Context(), ""); n != 101 || b != 34*20_000+67*2 || err != nil {
		t.Errorf("Count: %d, %d, %v", n, b, err)
	}
	if it, err := st.Get(t.Context(), "e/3"); err != nil || it.Version != "v3" || it.Group != "g/3" || string(it.Label) != "ä" || it.Retain.UnixMilli() != now+3 {
		t.Errorf("Get: %+v, %v", it, err)
	}
	put(t, st, "e/new", store.Item{Group: "g/new"}, store.Absent)
	audit(t, path)
	if n := number(t, path, "SELECT bytes FROM total"); n > 400_000 {
		t.Errorf("%d bytes are left over the limit", n)
	}
}

// A file that was brought up to date is like a new one, so that one set of steps is enough.
func TestNewFilesAndOldFilesAreAlike(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old.db")
	run(t, shell(t, old), version1)
	var text [2]string
	for i, path := range []string{old, filepath.Join(dir, "new.db")} {
		open(t, path)
		const query = `SELECT group_concat(sql, char(10)) || (SELECT page_size FROM pragma_page_size) FROM (SELECT sql FROM sqlite_master ORDER BY name)`
		if err := shell(t, path).QueryRowContext(t.Context(), query).Scan(&text[i]); err != nil {
			t.Fatal(err)
		}
	}
	if text[0] != text[1] {
		t.Errorf("brought up to date:\n%s\nnew:\n%s", text[0], text[1])
	}
}
