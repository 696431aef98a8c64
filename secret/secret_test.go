package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/larder-go/larder/secret"
)

func TestPrintsNowhere(t *testing.T) {
	s := secret.New("p4ss")
	type hidden struct {
		s secret.Text
		p *secret.Text
		l []secret.Text
		m map[string]secret.Text
		a any
	}
	type open struct{ S secret.Text }
	for _, v := range []any{s, &s, hidden{s, &s, []secret.Text{s}, map[string]secret.Text{"k": s}, s}, &hidden{s: s}, open{s}, []any{s, open{s}}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "p4ss") || strings.Contains(strings.ToLower(got), "70347373") {
				t.Errorf("%s of %T: %s", verb, v, got)
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		data, err := json.Marshal(v)
		if err != nil || strings.Contains(log.String()+string(data), "p4ss") {
			t.Errorf("%T: %s%s %v", v, log.String(), data, err)
		}
	}
	if s.Reveal() != "p4ss" || !s.Equal(secret.New("p4ss")) || s.Equal(secret.New("p4sS")) || s.IsZero() || !secret.New("").IsZero() {
		t.Error("the secret is not kept")
	}
}
