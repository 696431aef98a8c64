package coding_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/larder-go/larder/internal/coding"
)

func gzipped(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOf(t *testing.T) {
	for lines, want := range map[string]string{"": "", "gzip": "gzip", " GZip ": "gzip", "x-gzip": "gzip", "identity": "", "br": "br", "gzip, br": "gzip, br"} {
		if got := coding.Of(http.Header{"Content-Encoding": {lines}}); got != want {
			t.Errorf("%q: %q, want %q", lines, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	data := gzipped(t, "hello")
	if got, err := coding.Decode("gzip", data, 5); string(got) != "hello" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	if _, err := coding.Decode("gzip", data, 4); !errors.Is(err, coding.ErrTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	if _, err := coding.Decode("gzip", gzipped(t, strings.Repeat("0", 64<<20)), 1<<20); !errors.Is(err, coding.ErrTooLarge) {
		t.Errorf("a bomb: %v", err)
	}
	for _, bad := range [][]byte{data[:len(data)-1], []byte("hello"), data[:5]} {
		if _, err := coding.Decode("gzip", bad, 100); err == nil {
			t.Errorf("%q decodes", bad)
		}
	}
	if got, err := io.ReadAll(coding.NewReader("gzip", strings.NewReader(""))); len(got) != 0 || err != nil {
		t.Errorf("an empty body: %q %v", got, err)
	}
}
