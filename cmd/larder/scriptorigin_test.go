package main

import (
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// origin is the site that a script talks to. It runs in the process of the test and counts what it is asked.
type origin struct {
	server  *httptest.Server
	addr    string        // stays over a restart
	waiting chan struct{} // gets a token for every request that waits
	release chan struct{} // closed when the origin stops

	mu    sync.Mutex
	asked map[string]int // by path
}

type originKey struct{}

func originOf(ts *testscript.TestScript) *origin { return ts.Value(originKey{}).(*origin) }

// cmdOrigin starts and stops the origin, and checks how often a path was asked for: origin start|stop|restart|waits|count PATH N.
// It sets $URL, $ADDR without the scheme, and $OTHER for the same server under another name, which is another origin.
func cmdOrigin(ts *testscript.TestScript, neg bool, args []string) {
	o := originOf(ts)
	switch what := strings.Join(args[:min(len(args), 1)], ""); {
	case neg:
		ts.Fatalf("unsupported: ! origin")
	case what == "start" && o.server == nil, what == "restart" && o.addr != "":
		o.stop()
		ts.Check(o.start())
		ts.Setenv("URL", o.server.URL)
		ts.Setenv("ADDR", o.addr)
		ts.Setenv("OTHER", strings.Replace(o.server.URL, "127.0.0.1", "localhost", 1))
	case what == "stop" && o.server != nil:
		o.stop()
	case what == "waits": // until a request waits
		<-o.waiting
	case what == "count" && len(args) == 3:
		o.mu.Lock()
		defer o.mu.Unlock()
		if got := strconv.Itoa(o.asked[args[1]]); got != args[2] {
			ts.Fatalf("%s was asked for %s times, want %s", args[1], got, args[2])
		}
	default:
		ts.Fatalf("usage: origin start|stop|restart|waits|count PATH N")
	}
}

func (o *origin) start() error {
	addr := o.addr
	if addr == "" {
		addr = "127.0.0.1:0"
		o.asked = map[string]int{}
		o.waiting = make(chan struct{}, 8)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	o.addr = l.Addr().String()
	o.release = make(chan struct{})
	o.server = httptest.NewUnstartedServer(o.routes())
	o.server.Listener.Close()
	o.server.Listener = l
	o.server.Start()
	return nil
}

func (o *origin) stop() {
	if o.server == nil {
		return
	}
	close(o.release)
	o.server.CloseClientConnections()
	o.server.Close()
	o.server = nil
}

func (o *origin) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/data.json", serveData)
	mux.HandleFunc("/page", serveText("max-age=600", "a page\n"))
	mux.HandleFunc("/nostore", serveText("no-store", "not to be kept\n"))
	mux.HandleFunc("/lang", serveLang)
	mux.HandleFunc("/gzip.json", serveGzip)
	mux.HandleFunc("/cut", serveCut)
	mux.HandleFunc("/cutchunked", serveCutChunked)
	mux.HandleFunc("/echo", serveEcho)
	mux.HandleFunc("/setcookie", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "theirs=fromorigin")
		serveData(w, r)
	})
	mux.HandleFunc("/status/{code}", serveStatus)
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.FormValue("to"), http.StatusFound)
	})
	mux.HandleFunc("/wait", func(_ http.ResponseWriter, r *http.Request) { o.wait(r) })
	mux.HandleFunc("/waitbody", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=600")
		fmt.Fprintln(w, "the beginning of it")
		w.(http.Flusher).Flush()
		o.wait(r)
	})
	addSite(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked[r.URL.Path]++
		o.mu.Unlock()
		mux.ServeHTTP(w, r)
	})
}

// wait lets a request wait until its caller or the origin goes.
func (o *origin) wait(r *http.Request) {
	o.waiting <- struct{}{}
	select {
	case <-r.Context().Done():
	case <-o.release:
		panic(http.ErrAbortHandler)
	}
}

// serveData answers JSON that may be kept and validated.
func serveData(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=600")
	w.Header().Set("ETag", `"one"`)
	if r.Header.Get("If-None-Match") == `"one"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintln(w, `{"tea": ["green", "black"], "honey": 1}`)
}

func serveText(cacheControl, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", cacheControl)
		fmt.Fprint(w, body)
	}
}

func serveLang(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=600")
	w.Header().Set("Vary", "Accept-Language")
	fmt.Fprintf(w, "in %s\n", r.Header.Get("Accept-Language"))
}

// serveGzip answers as an API does: in gzip, where the request takes it.
func serveGzip(w http.ResponseWriter, r *http.Request) {
	const body = "{\"pantry\": {\"rice\": 3}}\n"
	w.Header().Set("Cache-Control", "max-age=600")
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Vary", "Accept-Encoding")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		fmt.Fprint(w, body)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	fmt.Fprint(z, body)
	z.Close()
}

// serveCut promises more than it sends.
func serveCut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "max-age=600")
	w.Header().Set("Content-Length", "1000")
	fmt.Fprint(w, "the beginning of it")
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// serveCutChunked breaks off in the middle of a chunk: the chunk promises 256 bytes.
func serveCutChunked(w http.ResponseWriter, _ *http.Request) {
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	buf.WriteString("HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nthe beginning of it")
	buf.Flush()
}

// serveEcho answers with the credentials of the request, and lets them be kept: what a careless origin does.
func serveEcho(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=60")
	for _, name := range []string{"Authorization", "Cookie", "X-Api-Key"} {
		fmt.Fprintf(w, "%s: %s\n", name, r.Header.Get(name))
	}
}

func serveStatus(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.PathValue("code"))
	if err != nil {
		code = http.StatusBadRequest
	}
	w.WriteHeader(code)
	fmt.Fprintf(w, "status %d\n", code)
}
