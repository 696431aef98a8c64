package nearest_test

import (
	"testing"

	"github.com/larder-go/larder/internal/nearest"
)

func TestOf(t *testing.T) {
	known := []string{"json", "gzip", "zstd", "aesgcm", "binary", "max_bytes"}
	for got, want := range map[string]string{
		"jsno": "json", "JSON": "json", "gz": "gzip", "gzipp": "gzip", "zst": "zstd", "aes-gcm": "aesgcm",
		"maxbytes": "max_bytes", "postgres": "", "": "",
	} {
		if near := nearest.Of(got, known); near != want {
			t.Errorf("Of(%q) = %q, want %q", got, near, want)
		}
	}
}
