package filestore_test

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// lockByHand takes a lock file as another process would.
func lockByHand(t *testing.T, name string) (unlock func()) {
	t.Helper()
	f, err := lockedfile.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
