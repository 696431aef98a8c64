package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTour runs the first command of the README as a user does: in a binary of its own, because the tour runs itself again.
func TestTour(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "larder")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err := exec.Command(bin, "tour").CombinedOutput()
	if err != nil {
		t.Fatalf("tour: %v\n%s", err, out)
	}
	for _, want := range []string{"You are Ada", "You are a guest", "All 7 steps held."} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the tour does not say %q:\n%s", want, out)
		}
	}
}
