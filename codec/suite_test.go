package codec_test

import (
	"strings"
	"testing"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/codec/codectest"
)

var keys = codec.Keys(map[string][]byte{"aesgcm": []byte(strings.Repeat("k", 32)), "old": []byte(strings.Repeat("o", 16))})

func parse(t *testing.T, spec string) *codec.Pipeline {
	t.Helper()
	p, err := codec.Std().Parse(spec, keys)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSuite(t *testing.T) {
	for _, spec := range []string{"json", "binary", "binary|aesgcm", "json|aesgcm", "json|gzip", "json|gzip|aesgcm", "binary|gzip(level=1)|aesgcm(key=old)"} {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			codectest.Run(t, parse(t, spec))
		})
	}
}
