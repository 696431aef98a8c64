package all_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/all"
	"github.com/larder-go/larder/codec"
)

func TestOpen(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		io.WriteString(w, `{"a": 1}`)
	}))
	defer srv.Close()
	dir := t.TempDir()
	for _, loc := range []string{"memory:", "memory:?max_bytes=100000", "file:" + dir + "/f?codec=json|zstd", "file:" + dir + "/g?sync=true", "file:" + dir + "/h?max_bytes=64M&max_entry=1M", "sqlite:" + dir + "/h.db?max_bytes=1G", "sqlite:" + dir + "/c.db?codec=json", "sqlite:" + dir + "/d.db"} {
		fromCache := false
		for _, again := range []string{loc, strings.Split(loc, "?codec")[0]} { // the manifest remembers the codec
			if again == "memory:" && fromCache {
				continue
			}
			c, err := all.Open(t.Context(), again, nil)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				resp, err := c.Client().Get(srv.URL)
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				info, _ := larder.InfoOf(resp)
				fromCache = info.FromCache
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if !fromCache {
				t.Errorf("%s: the second answer is not from the cache", loc)
			}
		}
	}
	if found, _ := filepath.Glob(dir + "/f/e/*/*.1.json.zst"); len(found) != 1 {
		t.Errorf("want one entry in JSON and zstd, found %v", found)
	}
}

func TestOpenRefuses(t *testing.T) {
	for loc, want := range map[string]string{
		"":                              "want KIND:PATH",
		"flie:x":                        `unknown kind "flie"; did you mean file?`,
		"redis:x":                       `unknown kind "redis"; known: memory, file, sqlite`,
		"file:":                         "needs a path",
		"memory:x":                      "takes no path",
		"file:x?codek=json":             `unknown parameter "codek"; did you mean codec?`,
		"file:x?codec=jsno":             `unknown name "jsno"; did you mean json?`,
		"file:x?codec=json|gzpi":        `did you mean gzip?`,
		"file:x?codec=json|gzip(lvl=1)": `unknown parameter "lvl"; did you mean level?`,
		"file:x?codec=json|aesgcm":      `needs the key "aesgcm"`,
		"file:x?sync=perhaps":           "want true or false",
		"memory:?max_bytes=-1":          "want a number of bytes",
		"memory:?max_bytes=1MB":         `max_bytes: want a number of bytes, such as 500M, got "1MB"`,
		"file:x?max_entry=M":            "max_entry: want a number of bytes",
		"sqlite:x?max_bytes=9999999T":   "max_bytes: want a number of bytes",
		"sqlite:x?max_bites=1":          `unknown parameter "max_bites"; did you mean max_bytes?`,
		"file:x?codec=gzip":             "a codec (json, binary) stands before it",
		"file:x?codec=json|json":        "stands first",
	} {
		t.Chdir(t.TempDir())
		_, err := all.Open(t.Context(), loc, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", loc, err, want)
		}
	}
	if _, err := all.Open(t.Context(), "memory:?codec=json", &larder.Options{Codec: codec.Binary}); err == nil {
		t.Error("two codecs are taken")
	}
}
