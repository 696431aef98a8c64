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
	st, err := sqlitestore.Open(path)
	if err != nil {
		return err
	}
	switch task {
	case "count":
		if err := add(st, additions); err != nil {
			return err
		}
	case "write": // until killed
		for i := 0; ; i++ {
			value := strings.Repeat(fmt.Sprint(i%10), 50_000)
			it := store.Item{Value: []byte(value), Form: "1.txt", Label: []byte(value[:1])}
			if _, err := st.Put(context.Background(), "e/abc", it, store.Any); err != nil {
				return err
			}
			if i == 5 {
				fmt.Println("writing")
			}
		}
	}
	return st.Close()
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
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
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

func TestKilledWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	st := open(t, path)
	for range 8 {
		cmd := start(t, "write", path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fscanln(out, new(string)); err != nil {
			t.Error(err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // killed, as it says
		it, err := st.Get(t.Context(), "e/abc")
		if err != nil {
			t.Fatal(err)
		}
		if it.Size != 50_000 || strings.Count(string(it.Value), string(it.Label)) != 50_000 {
			t.Fatal("a killed writer left a part or a mixture")
		}
		put(t, st, "e/abc", store.Item{Value: it.Value, Label: it.Label}, it.Version)
	}
}
