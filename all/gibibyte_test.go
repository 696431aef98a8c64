//go:build linux && !race

package all_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// growth is how much more anonymous memory a content of a gibibyte may take than one of a mebibyte.
const growth = 64 * mib

// TestGibibyte: a content of 1 GiB passes through the cache into a database and back out of it in little memory. It runs in
// a process of its own, so that other tests do not count; Linux alone says what memory is anonymous, and the race detector's own would be counted.
func TestGibibyte(t *testing.T) {
	const child = "LARDER_TEST_GIBIBYTE"
	switch {
	case testing.Short():
		t.Skip("-short: it writes 1 GiB")
	case os.Getenv(child) == "":
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestGibibyte$", "-test.v", "-test.count=1")
		cmd.Env = append(os.Environ(), child+"=1", "GOGC=100", "GOMEMLIMIT=off")
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) || err != nil || !bytes.Contains(out, []byte("grown by")) {
			t.Error(err)
		}
		return
	}
	location := "sqlite:" + t.TempDir() + "/cache.db?max_bytes=8589934592&max_entry=4294967296"
	grown := missAndHit(t, location, noisy(t).URL, 1<<30)
	t.Logf("grown by %.1f MiB", float64(grown)/mib)
	if grown > growth {
		t.Errorf("1 GiB takes %d MiB of memory, want less than %d", grown/mib, growth/mib)
	}
}
