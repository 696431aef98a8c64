package sqlitestore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
	"github.com/larder-go/larder/store/storetest"
)

func openWith(t testing.TB, path string, o *sqlitestore.Options) *sqlitestore.Store {
	t.Helper()
	st, err := sqlitestore.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

func TestSuiteWithLimit(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		return openWith(t, filepath.Join(t.TempDir(), "store.db"), &sqlitestore.Options{MaxBytes: 64 << 20})
	})
}

// audit reckons the accounts of a file anew and compares.
func audit(t *testing.T, path string) {
	t.Helper()
	const groups = `SELECT item_group, sum(octet_length(value) + ifnull(octet_length(label), 0) + 256),
		max(ifnull(retain, 9223372036854775807)) FROM items WHERE item_group <> '' GROUP BY item_group`
	for what, query := range map[string]string{
		"total":   `SELECT bytes - (SELECT coalesce(sum(octet_length(value) + ifnull(octet_length(label), 0) + 256), 0) FROM items) FROM total`,
		"missing": `SELECT count(*) FROM (` + groups + ` EXCEPT SELECT name, bytes, expires FROM groups)`,
		"surplus": `SELECT count(*) FROM (SELECT name, bytes, expires FROM groups EXCEPT ` + groups + `)`,
	} {
		if n := number(t, path, query); n != 0 {
			t.Errorf("the accounts are wrong: %s is off by %d", what, n)
		}
	}
}

func number(t *testing.T, path, query string) (n int64) {
	t.Helper()
	if err := shell(t, path).QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func item(size int, group string) store.Item {
	return store.Item{Value: make([]byte, size), Form: "1.bin", Group: group}
}

func TestAccounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for _, limit := range []int64{0, 60_000} { // a limit may come later
		st := openWith(t, path, &sqlitestore.Options{MaxBytes: limit, MaxEntry: 20_000})
		for range 600 {
			key := fmt.Sprintf("e/%d", random.IntN(40))
			it := item(random.IntN(2000), []string{"", "g/1", "g/2", "g/3", "g/4"}[random.IntN(5)])
			it.Label = make([]byte, random.IntN(20))
			it.Lazy = random.IntN(3) == 0
			if random.IntN(2) == 0 {
				it.Retain = time.Now().Add(time.Duration(random.IntN(100)-50) * time.Minute)
			}
			was := []store.Version{store.Any, store.Absent, "none"}[random.IntN(3)]
			var err error
			switch random.IntN(12) {
			case 0:
				err = st.Delete(t.Context(), key, was)
			case 1:
				_, err = st.Clear(t.Context(), key)
			default:
				_, err = st.Put(t.Context(), key, it, was)
			}
			if err != nil && !errors.Is(err, store.ErrChanged) && !errors.Is(err, store.ErrTooLarge) {
				t.Fatal(err)
			}
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		audit(t, path)
		if n := number(t, path, `SELECT bytes FROM total`); limit > 0 && n > limit || n == 0 {
			t.Errorf("%d bytes with a limit of %d", n, limit)
		}
	}
	run(t, shell(t, path), `UPDATE items SET label = 'by hand', item_group = 'g/9' WHERE id % 3 = 0; DELETE FROM items WHERE id % 3 = 1`)
	audit(t, path)
	run(t, shell(t, path), `DELETE FROM items`)
	audit(t, path)
}

func TestEvictsTheLeastRecentlyUsed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	o := &sqlitestore.Options{MaxBytes: 100_000, MaxEntry: 50_000}
	st := openWith(t, path, o)
	put(t, st, "s/1", item(10_000, ""), store.Absent)
	for i := range 8 {
		group := fmt.Sprintf("g/%d", i)
		for j := range 2 {
			it := item(5000, group)
			if i == 6 {
				it.Retain = time.Now().Add(-time.Minute)
			}
			put(t, st, fmt.Sprintf("e/%d-%d", i, j), it, store.Absent)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	// Some hours later, of unlike length: the greater, the longer ago. The last two are not read in the meantime.
	run(t, shell(t, path), `UPDATE groups SET read = read - 3600000 * (20 - substr(name, 3))`)
	st = openWith(t, path, o)
	for _, key := range []string{"e/1-0", "e/0-1"} {
		if !has(t, st, key) {
			t.Fatalf("%s is not there", key)
		}
	}
	put(t, st, "e/small", item(100, "g/small"), store.Absent) // and the notes with it
	audit(t, path)

	put(t, st, "e/new-0", item(14_000, "g/new"), store.Absent)
	if got, want := groups(t, st), "g/0 g/1 g/3 g/4 g/5 g/7 g/new g/small"; got != want {
		t.Errorf("there are %s, want %s: first what has expired, then what was read the longest ago", got, want)
	}
	// What is written belongs to the oldest group: that one stays all the same.
	put(t, st, "e/3-2", item(14_000, "g/3"), store.Absent)
	if got, want := groups(t, st), "g/0 g/1 g/3 g/5 g/7 g/new g/small"; got != want {
		t.Errorf("there are %s, want %s", got, want)
	}
	if !has(t, st, "e/3-0") || !has(t, st, "s/1") {
		t.Error("an item of the group that was written, or of none, was evicted")
	}
	audit(t, path)
}

func groups(t *testing.T, st store.Store) string {
	t.Helper()
	seen := map[string]bool{}
	var names []string
	for it, err := range st.List(t.Context(), "e/") {
		if err != nil {
			t.Fatal(err)
		}
		if !seen[it.Group] {
			names = append(names, it.Group)
		}
		seen[it.Group] = true
	}
	return strings.Join(names, " ")
}

func TestTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	st := openWith(t, path, &sqlitestore.Options{MaxBytes: 80_000})
	if l := st.Limits().Entry; l != 10_000 {
		t.Errorf("Limits().Entry is %d, want an eighth of MaxBytes", l)
	}
	refused := func(key string, it store.Item, was store.Version) {
		t.Helper()
		if _, err := st.Put(t.Context(), key, it, was); !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("Put of %s: %v, want ErrTooLarge", key, err)
		}
	}
	v := put(t, st, "e/1", item(4000, "g"), store.Absent)
	put(t, st, "e/2", item(4000, "g"), store.Absent)
	refused("e/3", item(10_001, "g"), store.Absent) // alone
	refused("e/3", item(2000, "g"), store.Absent)   // with the others
	refused("e/1", item(6000, "g"), v)
	put(t, st, "e/3", item(800, "g"), store.Absent)
	put(t, st, "e/1", item(4100, "g"), v)

	var lost error
	it := item(3000, "g")
	it.Lazy, it.Lost = true, func(err error) { lost = err }
	put(t, st, "e/4", it, store.Absent)
	put(t, st, "s/1", item(60_000, ""), store.Absent)
	if !errors.Is(lost, store.ErrTooLarge) || has(t, st, "e/4") {
		t.Errorf("a lazy Put over the limit: lost %v", lost)
	}

	// Items without group fill the store; what has no room leaves everything as it was.
	v = put(t, st, "s/2", item(9_000, ""), store.Absent)
	refused("s/3", item(20_000, ""), store.Absent)
	refused("s/2", item(29_000, ""), v)
	refused("s/4", item(80_000, ""), store.Absent)
	if got, want := keys(t, st, ""), "e/1:4100: e/2:4000: e/3:800: s/1:60000: s/2:9000:"; got != want {
		t.Errorf("the store holds %s, want %s", got, want)
	}
	if _, err := st.Put(t.Context(), "s/2", item(30_000, ""), "other"); !errors.Is(err, store.ErrChanged) {
		t.Errorf("a condition that fails goes before room that lacks: %v", err)
	}
	put(t, st, "s/3", item(10_000, ""), store.Absent) // the group makes room
	if got := keys(t, st, "e/"); got != "" {
		t.Errorf("%s is left", got)
	}
	audit(t, path)
}

func TestOneProcessEvictsWhatAnotherPut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	o := &sqlitestore.Options{MaxBytes: 50_000, MaxEntry: 20_000}
	a, b, free := openWith(t, path, o), openWith(t, path, o), open(t, path)
	for i := range 30 {
		put(t, []store.Store{a, b, free}[i%3], fmt.Sprintf("e/%02d", i), item(9000, fmt.Sprintf("g/%d", i)), store.Absent)
	}
	put(t, a, "e/30", item(9000, "g/30"), store.Absent)
	audit(t, path)
	if n := number(t, path, `SELECT bytes FROM total`); n > o.MaxBytes || n < o.MaxBytes/2 {
		t.Errorf("%d bytes with a limit of %d", n, o.MaxBytes)
	}
	if got := groups(t, free); !strings.HasSuffix(got, "g/28 g/29 g/30") {
		t.Errorf("there are %s", got)
	}
}
