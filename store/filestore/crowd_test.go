package filestore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"testing"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/filestore"
)

const (
	crowd      = 8
	operations = 1000
)

// mix does operations of every kind on few keys, so that processes meet. Only ErrNotFound and ErrChanged are to be
// expected.
func mix(st *filestore.Store, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 0))
	seen := make(map[string]store.Version)
	for i := range operations {
		key := fmt.Sprintf("e/%d/%d", random.IntN(10), random.IntN(10))
		if err := mixOne(st, random, key, seen); err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrChanged) {
			return fmt.Errorf("operation %d of seed %d: %w", i, seed, err)
		}
	}
	return nil
}

func mixOne(st *filestore.Store, random *rand.Rand, key string, seen map[string]store.Version) error {
	ctx := context.Background()
	switch n := random.IntN(100); {
	case n < 55:
		it, err := st.Get(ctx, key)
		if err == nil && string(it.Value[:len(key)]) != key {
			err = fmt.Errorf("%s holds %.20q", key, it.Value)
		}
		seen[key] = it.Version
		return err
	case n < 85:
		it := store.Item{
			Value: append([]byte(key), make([]byte, random.IntN(10_000))...), Form: fmt.Sprintf("%d.bin", n%3),
			Label: []byte(key), Group: key[:len("e/0")],
		}
		v, err := st.Put(ctx, key, it, seen[key])
		if err == nil {
			seen[key] = v
		}
		return err
	case n < 95:
		return st.Delete(ctx, key, seen[key])
	}
	for it, err := range st.List(ctx, key[:len("e/0/")]) {
		if err != nil || it.Label != nil && string(it.Label) != it.Key {
			return errors.Join(fmt.Errorf("%s is listed with the label %q", it.Key, it.Label), err)
		}
	}
	return nil
}

// Half of the processes have a limit and evict what the others have put.
func TestCrowd(t *testing.T) {
	dir := t.TempDir()
	seed := rand.Uint32()
	t.Log("seed", seed)
	var all []*exec.Cmd
	for i := range crowd {
		limit := i % 2 * 400_000
		cmd := start(t, fmt.Sprintf("mix,%d,%d", limit, int(seed)+i), dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, cmd)
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	st := openWith(t, dir, filestore.Options{MaxBytes: 400_000})
	for _, it := range list(t, st, "") {
		if got := get(t, st, it.Key); got.Version != it.Version || got.Size != it.Size {
			t.Errorf("%s is listed as %+v", it.Key, it)
		}
	}
	putSize(t, st, "s/1", "", 1)
	if got := onDisk(t, dir); got > 400_000 {
		t.Errorf("%d bytes are there", got)
	}
}
