package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
)

// childEnv tells the test binary that it is to play another process on the file it names.
const childEnv = "LARDER_SQLITESTORE_TEST_CHILD"

func TestMain(m *testing.M) {
	task, path, ok := strings.Cut(os.Getenv(childEnv), " ")
	if !ok {
		os.Exit(m.Run())
	}
	if err := child(task, path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const (
	additions = 40
	processes = 4
)

func child(task, path string) error {
	var o sqlitestore.Options
	if task == "mix" {
		o.MaxBytes = mixLimit
	}
	st, err := sqlitestore.Open(path, &o)
	if err != nil {
		return err
	}
	switch task {
	case "count":
		err = add(st, additions)
	case "mix":
		err = mix(st, mixOperations)
	case "write":
		err = writeSets(st) // until killed
	}
	return errors.Join(err, st.Close())
}

// add adds n signs to the value under e/counter by reading and conditional putting, and does other things between.
func add(st store.Store, n int) error {
	ctx := context.Background()
	for done := 0; done < n; {
		it, err := st.Get(ctx, "e/counter")
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		next := store.Item{Value: append([]byte("+"), it.Value...), Form: "1.txt"}
		switch _, err = st.Put(ctx, "e/counter", next, it.Version); {
		case err == nil:
			done++
		case !errors.Is(err, store.ErrChanged):
			return err
		}
		for _, err := range st.List(ctx, "") {
			if err != nil {
				return err
			}
		}
		key := fmt.Sprintf("v/%d", done%7)
		if _, err := st.Put(ctx, key, store.Item{Value: make([]byte, 20_000)}, store.Any); err != nil {
			return err
		}
		if err := st.Delete(ctx, fmt.Sprintf("v/%d", (done+3)%7), store.Any); err != nil {
			return err
		}
	}
	return nil
}

func start(t *testing.T, task, path string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+task+" "+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// All processes start on a file that is not there yet.
func TestProcessesShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	var all []*exec.Cmd
	for range processes {
		cmd := start(t, "count", path)
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
	it, err := open(t, path).Get(t.Context(), "e/counter")
	if err != nil || it.Size != processes*additions {
		t.Errorf("%d additions are there of %d that succeeded, %v", it.Size, processes*additions, err)
	}
}
