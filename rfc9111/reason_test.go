package rfc9111_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/larder-go/larder/rfc9111"
)

func TestReasons(t *testing.T) {
	sentence := regexp.MustCompile(`^[a-zA-Z].*[^.]$`)
	section := regexp.MustCompile(`^RFC \d+( §\d+(\.\d+)*)?$`)
	fwd := []string{"", "bypass", "method", "uri-miss", "vary-miss", "miss", "request", "stale", "partial"}
	seen := map[string]bool{}
	for r := rfc9111.ReasonNone + 1; r <= rfc9111.ReasonUnknownFreshness; r++ {
		if !sentence.MatchString(r.String()) || !section.MatchString(r.Section()) || !slices.Contains(fwd, r.Fwd()) {
			t.Errorf("reason %d: %q, %q, %q", r, r, r.Section(), r.Fwd())
		}
		if key := r.String() + r.Fwd(); seen[key] {
			t.Errorf("reason %d: %q stands twice", r, r)
		} else {
			seen[key] = true
		}
	}
	if rfc9111.Reason(255).String() != rfc9111.ReasonNone.String() || rfc9111.Action(255).String() != "unknown" {
		t.Error("unknown numbers")
	}
}
