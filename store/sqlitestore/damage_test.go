package sqlitestore_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
)

func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "good.db")
	st := open(t, path)
	for i := range 300 {
		put(t, st, fmt.Sprintf("e/%d", i), store.Item{Value: bytes.Repeat([]byte{byte(i)}, i*20), Form: "1.bin"}, store.Absent)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	failures := 0
	for i := range 36 {
		bad := bytes.Clone(good)
		switch i % 3 {
		case 0: // bytes here and there
			for range 50 {
				bad[random.IntN(len(bad))] = byte(random.Uint32())
			}
		case 1: // a page of noise
			at := random.IntN(len(bad)/8192) * 8192
			for j := range 8192 {
				bad[at+j] = byte(random.Uint32())
			}
		case 2: // cut
			bad = bad[:random.IntN(len(bad))]
		}
		name := filepath.Join(dir, fmt.Sprintf("bad%d.db", i))
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if useDamaged(t, name) {
			failures++
		}
	}
	if failures < 12 {
		t.Errorf("only %d of 36 damaged files were noticed", failures)
	}
}

func useDamaged(t *testing.T, name string) (failed bool) {
	st, err := sqlitestore.Open(name, &sqlitestore.Options{BusyTimeout: 100 * time.Millisecond})
	if err != nil {
		return true
	}
	note := func(err error) { failed = failed || err != nil && !errors.Is(err, store.ErrNotFound) }
	for i := range 300 {
		_, err := st.Get(t.Context(), fmt.Sprintf("e/%d", i))
		note(err)
	}
	n := 0
	for _, err := range st.List(t.Context(), "") {
		if note(err); n > 10_000 {
			t.Fatal("List does not end")
		}
		n++
	}
	_, err = st.Put(t.Context(), "e/7", store.Item{Value: make([]byte, 10_000)}, store.Any)
	note(err)
	note(st.Delete(t.Context(), "e/9", store.Any))
	_, err = st.Clear(t.Context(), "e/1")
	note(err)
	note(st.Close())
	return failed
}
