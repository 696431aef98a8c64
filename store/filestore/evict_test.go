package filestore_test

import (
	"fmt"
	"hash/fnv"
	"path/filepath"
	"testing"
	"time"

	"github.com/larder-go/larder/store/filestore"
)

// A process that is stopped while it evicts has removed the record and left chunks, not the other way round: here the
// lock of a chunk stops it.
func TestRecordsGoBeforeTheirChunks(t *testing.T) {
	dir := t.TempDir()
	st := openWith(t, dir, filestore.Options{MaxBytes: 10_000, MaxEntry: 10_000})
	putSize(t, st, "b/1", "g", 4000)
	putSize(t, st, "b/2", "g", 4000)
	putSize(t, st, "e/1", "g", 1000)
	unlock := lockByHand(t, filepath.Join(dir, ".larder", fmt.Sprintf("%02d.lock", stripeOf("b/1"))))
	done := make(chan error, 1)
	go func() { done <- tryPut(t, st, "v/1", "v/1", 4000, 0) }()
	for deadline := time.Now().Add(10 * time.Second); has(t, st, "e/1"); {
		if time.Now().After(deadline) {
			t.Error("the record is still there")
			break
		}
	}
	if !has(t, st, "b/1") {
		t.Error("a chunk is gone although another process has its lock")
	}
	unlock()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("the folder holds %q, want v/1 alone", got)
	}
}

// stripeOf returns the number of the lock and the index of a key.
func stripeOf(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	return h.Sum64() % 32
}

// sameStripe returns a key that begins with prefix and shares a lock and an index with key.
func sameStripe(prefix, key string) string {
	for i := 0; ; i++ {
		if k := fmt.Sprint(prefix, i); stripeOf(k) == stripeOf(key) {
			return k
		}
	}
}
