package filestore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

// child does a task on a folder: "count", "groups,LIMIT" or "mix,LIMIT,SEED".
func child(task, dir string) error {
	words := strings.Split(task, ",")
	numbers := make([]int64, len(words))
	for i, w := range words[1:] {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	o := new(filestore.Options)
	if len(words) > 1 {
		o.MaxBytes, o.MaxEntry = numbers[0], numbers[0]
	}
	st, err := filestore.Open(dir, o)
	if err != nil {
		return err
	}
	switch words[0] {
	case "count":
		err = add(st, additions)
	case "groups":
		err = writeGroups(st)
	case "mix":
		err = mix(st, uint64(numbers[1]))
	}
	return errors.Join(err, st.Close())
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
