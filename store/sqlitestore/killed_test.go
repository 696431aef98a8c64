package sqlitestore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
)

const (
	kills     = 100
	setPieces = 5
	pieceSize = 8_000
)

func pieceKey(set string, i int) string { return fmt.Sprintf("b/%s/%d", set, i) }

func piece(set string, i int) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%s %d ", set, i)), pieceSize/8)
}

// writeSets puts pieces, most of them lazily, and then strictly a record that names them, again and again over the same
// few records; the pieces of a record that was replaced are deleted. It prints a line for every call that returned.
func writeSets(st store.Store) error {
	ctx := context.Background()
	for n := 0; ; n++ {
		set := fmt.Sprintf("%d-%d", os.Getpid(), n)
		for i := range setPieces {
			it := store.Item{Value: piece(set, i), Form: "1.txt", Group: "g/" + set, Lazy: i%3 != 1}
			if _, err := st.Put(ctx, pieceKey(set, i), it, store.Absent); err != nil {
				return err
			}
			fmt.Println("piece")
		}
		record := fmt.Sprintf("e/%d", n%4)
		old, err := st.Get(ctx, record)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if _, err := st.Put(ctx, record, store.Item{Value: []byte(set), Group: "g/" + set}, old.Version); err != nil {
			return err
		}
		fmt.Println("record")
		if old.Version == store.Absent {
			continue
		}
		for i := range setPieces {
			if err := st.Delete(ctx, pieceKey(string(old.Value), i), store.Any); err != nil {
				return err
			}
			fmt.Println("deleted")
		}
	}
}

// A writer that is killed leaves a file that is whole, and under every record all that was put before it.
func TestKilledWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	st := openWith(t, path, &sqlitestore.Options{MaxEntry: 1 << 30}) // so that the accounts are kept
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	records := 0
	for i := range kills {
		killOne(t, path, 1+random.IntN(25))
		if records += checkSets(t, path); t.Failed() {
			t.Fatalf("after %d kills", i+1)
		}
		if i%10 == 9 {
			quickCheck(t, path)
			audit(t, path)
		}
	}
	if records < kills {
		t.Errorf("only %d records were there in all", records)
	}
}

// killOne starts a writer and kills it about when so many of its calls have returned.
func killOne(t *testing.T, path string, calls int) {
	t.Helper()
	cmd := start(t, "write", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range calls {
		if _, err := fmt.Fscanln(out, new(string)); err != nil {
			t.Error(err)
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // killed, as it says
}

func checkSets(t *testing.T, path string) (records int) {
	t.Helper()
	st, err := sqlitestore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for it, err := range st.List(t.Context(), "e/") {
		if err != nil {
			t.Fatal(err)
		}
		records++
		record, err := st.Get(t.Context(), it.Key)
		if err != nil {
			t.Fatal(err)
		}
		set := string(record.Value)
		for i := range setPieces {
			got, err := st.Get(t.Context(), pieceKey(set, i))
			if err != nil || !bytes.Equal(got.Value, piece(set, i)) {
				t.Errorf("piece %d of the record %s: %d bytes, %v", i, it.Key, got.Size, err)
			}
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return records
}

func quickCheck(t *testing.T, path string) {
	t.Helper()
	var result string
	if err := shell(t, path).QueryRowContext(t.Context(), "PRAGMA quick_check").Scan(&result); err != nil || result != "ok" {
		t.Errorf("quick_check: %s, %v", result, err)
	}
}
