package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// slowness is how long the slow page of the tour thinks.
const slowness = 300 * time.Millisecond

// tourOrigin is a small site on loopback: basic auth on every page, a login, and pages worth caching. It counts what it is
// asked.
type tourOrigin struct {
	url    string
	server *http.Server

	mu    sync.Mutex
	asked map[string]int // by path
}

func startTourOrigin() (*tourOrigin, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := &tourOrigin{url: "http://" + l.Addr().String(), asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "name", Value: r.FormValue("name"), Path: "/", HttpOnly: true})
		fmt.Fprintln(w, "welcome")
	})
	mux.HandleFunc("GET /whoami", func(w http.ResponseWriter, r *http.Request) {
		who := "a guest"
		if c, err := r.Cookie("name"); err == nil {
			who = c.Value
		}
		fmt.Fprintf(w, "You are %s\n", who)
	})
	mux.HandleFunc("GET /shelf.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "max-age=600")
		w.Header().Set("ETag", `"shelf-1"`)
		fmt.Fprintln(w, `{"flour": 2, "honey": 1, "tea": ["green", "black"]}`)
	})
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(slowness):
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Cache-Control", "max-age=600")
		fmt.Fprintln(w, "good things take time")
	})
	o.server = &http.Server{Handler: o.guard(mux)}
	go o.server.Serve(l)
	return o, nil
}

// guard counts requests and lets in who knows the password.
func (o *tourOrigin) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked[r.URL.Path]++
		o.mu.Unlock()
		if user, pass, _ := r.BasicAuth(); user != "user" || pass != "pass" {
			w.Header().Set("WWW-Authenticate", `Basic realm="larder tour"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// count is how often the path has been asked for.
func (o *tourOrigin) count(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[path]
}
