package all_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/all"
)

// noise is an endless content that is cheap to make and that nothing compresses.
type noise struct {
	state uint64
	word  [8]byte
	left  int // bytes of word still to be given
}

func newNoise() *noise { return &noise{state: 0x9e3779b97f4a7c15} }

// Read implements io.Reader.
func (n *noise) Read(p []byte) (int, error) {
	for i := range p {
		if n.left == 0 {
			n.state ^= n.state << 13
			n.state ^= n.state >> 7
			n.state ^= n.state << 17
			binary.LittleEndian.PutUint64(n.word[:], n.state)
			n.left = 8
		}
		p[i] = n.word[8-n.left]
		n.left--
	}
	return len(p), nil
}

// checker compares what is written to it with the noise, and looks at the memory every 16 MiB.
type checker struct {
	want  *noise
	block []byte
	at    int64
	peak  int64
}

// Write implements io.Writer.
func (c *checker) Write(p []byte) (int, error) {
	c.block = append(c.block[:0], p...)
	c.want.Read(c.block)
	if !bytes.Equal(c.block, p) {
		return 0, fmt.Errorf("another byte after offset %d", c.at)
	}
	if before := c.at; before>>24 != (before+int64(len(p)))>>24 {
		c.peak = max(c.peak, anonymous())
	}
	c.at += int64(len(p))
	return len(p), nil
}

// anonymous is the process's resident memory that no file stands behind, in bytes; 0 where the system does not say.
func anonymous() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10
		}
	}
	return 0
}

// noisy is an origin of long contents: the path says how many bytes.
func noisy(t *testing.T) *httptest.Server {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.ParseInt(strings.TrimPrefix(r.URL.Path, "/"), 10, 64)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "max-age=3600")
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
		io.CopyN(w, newNoise(), n)
	}))
	t.Cleanup(srv.Close)
	return srv
}

// readNoise asks for n bytes, holds each against what it should be, and returns the highest memory on the way.
func readNoise(t *testing.T, c *larder.Cache, url string, n int64, fromCache bool) (peak int64) {
	t.Helper()
	began := time.Now()
	resp, err := c.Client().Get(url + "/" + strconv.FormatInt(n, 10))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	check := &checker{want: newNoise()}
	if got, err := io.CopyBuffer(check, struct{ io.Reader }{resp.Body}, make([]byte, 64<<10)); got != n || err != nil {
		t.Fatalf("%d bytes of %d, %v", got, n, err)
	}
	info, _ := larder.InfoOf(resp)
	for !info.Stored && !strings.Contains(info.Reason, "not stored") {
		runtime.Gosched() // the end of a body does not wait long for its commit; this does
		info, _ = larder.InfoOf(resp)
	}
	if info.FromCache != fromCache || !info.Stored || resp.ContentLength != n {
		t.Fatalf("ContentLength %d, %+v", resp.ContentLength, info)
	}
	took := time.Since(began)
	t.Logf("%d MiB, from the cache: %v: %.2f s, %.0f MB/s", n>>20, fromCache, took.Seconds(), float64(n)/1e6/took.Seconds())
	return max(check.peak, anonymous())
}

// missAndHit reads n bytes twice, the second time with a cache that was opened anew where the location outlives the first.
func missAndHit(t *testing.T, location, url string, n int64) (grown int64) {
	t.Helper()
	before := int64(0)
	for _, hit := range []bool{false, true} {
		c, err := all.Open(t.Context(), location, nil)
		if err != nil {
			t.Fatal(err)
		}
		if before == 0 {
			readNoise(t, c, url, 1<<20, false) // what a process takes anyway
			before = anonymous()
		}
		grown = max(grown, readNoise(t, c, url, n, hit)-before)
		if strings.HasPrefix(location, "memory:") && !hit {
			readNoise(t, c, url, n, true)
			hit = true
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if hit {
			break
		}
	}
	return grown
}

const mib = 1 << 20

// TestLargeBodies: 64 MiB come back byte for byte from each store, also under names that many chunks share.
func TestLargeBodies(t *testing.T) {
	n := int64(64 * mib)
	if testing.Short() {
		n = 5*mib + 3
	}
	srv := noisy(t)
	dir := t.TempDir()
	for _, location := range []string{
		"memory:?max_bytes=1073741824", "file:" + dir + "/files", "sqlite:" + dir + "/cache.db", "file:" + dir + "/json?codec=json|zstd",
	} {
		kind, _, _ := strings.Cut(location, ":")
		t.Run(kind, func(t *testing.T) { missAndHit(t, location, srv.URL, n) })
	}
}
