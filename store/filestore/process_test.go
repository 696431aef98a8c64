package filestore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/filestore"
)

// childEnv tells the test binary that it is to play another process on the folder it names.
const childEnv = "LARDER_FILESTORE_TEST_CHILD"

func TestMain(m *testing.M) {
	task, dir, ok := strings.Cut(os.Getenv(childEnv), " ")
	if !ok {
		os.Exit(m.Run())
	}
	if err := child(task, dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const additions = 60

func child(task, dir string) error {
	st, err := filestore.Open(dir, nil)
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
			form := fmt.Sprintf("%d.txt", i%3)
			if _, err := st.Put(context.Background(), "e/abc", store.Item{Value: []byte(value), Form: form, Label: []byte(value[:1])}, store.Any); err != nil {
				return err
			}
			if i == 5 {
				fmt.Println("writing")
			}
		}
	}
	return st.Close()
}

// add adds n signs to the value under e/counter, in changing forms, by reading and conditional putting.
func add(st store.Store, n int) error {
	ctx := context.Background()
	for done := 0; done < n; {
		it, err := st.Get(ctx, "e/counter")
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		next := store.Item{Value: append([]byte("+"), it.Value...), Form: fmt.Sprintf("%d.txt", len(it.Value)%3)}
		switch _, err = st.Put(ctx, "e/counter", next, it.Version); {
		case err == nil:
			done++
		case !errors.Is(err, store.ErrChanged):
			return err
		}
	}
	return nil
}

func start(t *testing.T, task, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childEnv+"="+task+" "+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestProcessesRace(t *testing.T) {
	dir := t.TempDir()
	const processes = 3
	var all []*exec.Cmd
	for range processes {
		cmd := start(t, "count", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, cmd)
	}
	st := open(t, dir)
	if err := add(st, additions); err != nil {
		t.Error(err)
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got, want := get(t, st, "e/counter").Size, int64((processes+1)*additions); got != want {
		t.Errorf("%d additions are there of %d that succeeded", got, want)
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("the folder holds %q", got)
	}
}

func TestKilledWriter(t *testing.T) {
	dir := t.TempDir()
	st := open(t, dir)
	for range 12 {
		cmd := start(t, "write", dir)
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
		it := get(t, st, "e/abc")
		if it.Size != 50_000 || strings.Count(string(it.Value), string(it.Value[:1])) != 50_000 {
			t.Fatal("a killed writer left a part or a mixture")
		}
		if it.Label != nil && string(it.Label) != string(it.Value[:1]) {
			t.Fatalf("the label %q belongs to other bytes", it.Label)
		}
		if items := list(t, st, ""); len(items) != 1 || items[0].Version != it.Version {
			t.Fatalf("List yields %+v", items)
		}
		// The lock of the dead process is gone, and its version is the one to write over.
		put(t, st, "e/abc", "1.txt", strings.Repeat("x", 50_000), it.Version)
		if it := get(t, st, "e/abc"); it.Form != "1.txt" || it.Label == nil {
			t.Fatalf("after Put: form %q, label %q", it.Form, it.Label)
		}
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("the folder holds %q", got)
	}
}

// A caller whose context ends stops waiting for a lock, and the lock comes back in the end.
func TestWaitingForALockEndsWithTheContext(t *testing.T) {
	dir := t.TempDir()
	st := open(t, dir)
	v := put(t, st, "e/abc", "1.json", "{}", store.Absent)
	locks, err := filepath.Glob(filepath.Join(dir, ".larder", "*.lock"))
	if err != nil || len(locks) != 1 {
		t.Fatalf("locks: %q, %v", locks, err)
	}
	unlock := lockByHand(t, locks[0])
	for range 2 { // the second waits for the first one's goroutine, not for the file
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := st.Put(ctx, "e/abc", store.Item{Form: "1.json"}, v)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Put while another has the lock: %v", err)
		}
	}
	if it := get(t, st, "e/abc"); it.Version != v || it.Label == nil {
		t.Errorf("Get needs no lock, and yields %+v", it)
	}
	unlock()
	put(t, st, "e/abc", "1.json", "[]", v)
}
