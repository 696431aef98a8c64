package filestore_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/filestore"
)

// writeGroups writes records with chunks until it is killed: the chunks first, then the record, then it deletes the
// chunks of the record that was there.
func writeGroups(st *filestore.Store) error {
	ctx := context.Background()
	for i := 0; ; i++ {
		key, set := fmt.Sprintf("e/%d", i%7), strings.ToLower(rand.Text())
		old, err := st.Get(ctx, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		chunks := 1 + i%4
		for n := range chunks {
			it := store.Item{Value: chunkOf(set, n), Form: "1.bin", Group: "b/" + set}
			if _, err := st.Put(ctx, chunkKey(set, n), it, store.Absent); err != nil {
				return err
			}
		}
		rec := store.Item{
			Value: fmt.Appendf(nil, "%s %d", set, chunks), Form: fmt.Sprintf("%d.txt", i%3), Label: []byte(set), Group: "b/" + set,
		}
		// What was read may have been evicted since, to make room for the chunks.
		if _, err := st.Put(ctx, key, rec, store.Any); err != nil {
			return err
		}
		if i == 0 {
			fmt.Println("writing")
		}
		if len(old.Value) > 0 {
			set, n, err := parseRecord(old)
			for n--; n >= 0 && err == nil; n-- {
				err = st.Delete(ctx, chunkKey(set, n), store.Any)
			}
			if err != nil {
				return err
			}
		}
	}
}

func chunkKey(set string, n int) string { return fmt.Sprintf("b/%s/%d", set, n) }

func chunkOf(set string, n int) []byte {
	return []byte(strings.Repeat(fmt.Sprint(set, " ", n, "\n"), 300+n*50))
}

func parseRecord(it store.Item) (set string, chunks int, err error) {
	set, number, _ := strings.Cut(string(it.Value), " ")
	chunks, err = strconv.Atoi(number)
	return set, chunks, err
}

// Whenever a writer is killed, the folder can be used, and every record is there with all its chunks, or not at all.
func TestKilledWriters(t *testing.T) {
	for _, limit := range []int64{0, 150_000} {
		t.Run(fmt.Sprint("limit ", limit), func(t *testing.T) {
			dir := t.TempDir()
			seed := mrand.Uint64()
			t.Log("seed", seed)
			random := mrand.New(mrand.NewPCG(seed, 0))
			records := 0
			for round := range 50 {
				writeAndKill(t, dir, limit, time.Duration(random.Int64N(int64(30*time.Millisecond))))
				records += checkGroups(t, dir, limit)
				if t.Failed() {
					t.Fatalf("after %d kills", round+1)
				}
			}
			if records < 50 {
				t.Errorf("only %d records were there to be checked", records)
			}
		})
	}
}

// writeAndKill starts a writer and kills it some time after its first record. The time synchronises nothing: any will do.
func writeAndKill(t *testing.T, dir string, limit int64, after time.Duration) {
	t.Helper()
	cmd := start(t, fmt.Sprintf("groups,%d", limit), dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fscanln(out, new(string)); err != nil {
		t.Error(err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // killed, as it says
	if complaint.Len() > 0 {
		t.Errorf("the writer ended by itself: %s", &complaint)
	}
}

// checkGroups opens the folder anew and returns how many records it found.
func checkGroups(t *testing.T, dir string, limit int64) (records int) {
	t.Helper()
	st, err := filestore.Open(dir, &filestore.Options{MaxBytes: limit})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, listed := range list(t, st, "e/") {
		rec := get(t, st, listed.Key)
		set, chunks, err := parseRecord(rec)
		if err != nil || rec.Version != listed.Version || listed.Label != nil && string(listed.Label) != set {
			t.Errorf("%s holds %q, %v; listed with version %q for %q, label %q",
				rec.Key, rec.Value, err, listed.Version, rec.Version, listed.Label)
		}
		for n := range chunks {
			c, err := st.Get(t.Context(), chunkKey(set, n))
			if err != nil || string(c.Value) != string(chunkOf(set, n)) {
				t.Errorf("chunk %d of the %d of %s has %d bytes, %v", n, chunks, rec.Key, len(c.Value), err)
			}
		}
		records++
	}
	// The locks of the dead process are gone, and what it left behind counts.
	last, err := st.Get(t.Context(), "m")
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if _, err := st.Put(t.Context(), "m", store.Item{Value: append(last.Value, '+')}, last.Version); err != nil {
		t.Error(err)
	}
	if got := onDisk(t, dir); limit > 0 && got > limit {
		t.Errorf("%d bytes are there of %d", got, limit)
	}
	return records
}
