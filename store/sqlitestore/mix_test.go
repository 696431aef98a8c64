package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/larder-go/larder/store"
)

const (
	mixProcesses  = 8
	mixOperations = 1000
	mixLimit      = 2 << 20
)

// mix does n operations of every kind on few keys. What is not there and what another has changed is no error.
func mix(st store.Store, n int) error {
	for i := range n {
		err := mixOne(st)
		if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrChanged) {
			return fmt.Errorf("operation %d: %w", i, err)
		}
	}
	return nil
}

func mixOne(st store.Store) error {
	ctx := context.Background()
	group := fmt.Sprintf("g/%d", rand.IntN(40))
	key := fmt.Sprintf("%s/%d", group, rand.IntN(4))
	it := store.Item{Value: make([]byte, rand.IntN(30_000)), Label: []byte("label"), Form: "1.bin", Group: group}
	switch kind := rand.IntN(20); {
	case kind < 8:
		_, err := st.Get(ctx, key)
		return err
	case kind == 8:
		for _, err := range st.List(ctx, group+"/") {
			if err != nil {
				return err
			}
		}
		return nil
	case kind < 11:
		return st.Delete(ctx, key, store.Any)
	case kind < 13:
		_, err := st.Put(ctx, key, it, store.Absent)
		return err
	case kind < 16:
		it.Lazy = true
		v, err := st.Put(ctx, key, it, store.Any)
		if kind == 15 && err == nil {
			err = st.Delete(ctx, key, v)
		}
		return err
	}
	old, err := st.Get(ctx, key)
	if err == nil {
		_, err = st.Put(ctx, key, it, old.Version)
	}
	return err
}

func TestManyProcessesMixTheirWork(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	var all []*exec.Cmd
	for range mixProcesses {
		cmd := start(t, "mix", path)
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
	quickCheck(t, path)
	audit(t, path)
	if n := number(t, path, "SELECT bytes FROM total"); n > mixLimit || n < mixLimit/4 {
		t.Errorf("%d bytes with a limit of %d", n, mixLimit)
	}
}
