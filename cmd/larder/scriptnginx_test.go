package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// nginx is a site that nobody here wrote, in a process of its own. It lives in the folder nginx of the script, its pages
// in the folder site.
type nginx struct {
	addr  string // stays over a restart
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended
}

type nginxKey struct{}

// nginxFrame stands around the locations of a script. One process without a master is stopped whole by its pid, and reads
// what its user may read. The log says what was answered: status, path, content coding.
const nginxFrame = `
daemon off;
master_process off;
pid nginx.pid;
events {}
http {
	include mime.conf;
	default_type application/octet-stream;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	log_format brief '$status $uri $sent_http_content_encoding';
	access_log access.log brief;
	server {
		listen %s;
		root ../site;
		location = /-/ready { access_log off; return 204; }
%s
	}
}
`

// nginxTypes is the part of nginx's own table that scripts need; where the whole lies depends on the system.
const nginxTypes = "types { text/plain txt; application/json json; text/html html; }\n"

// cmdNginx starts nginx with the locations in a file, stops it, and checks how many lines of its log begin with a text:
// nginx start FILE|stop|count TEXT N. It sets $NGINX to the site's URL.
func cmdNginx(ts *testscript.TestScript, neg bool, args []string) {
	n := ts.Value(nginxKey{}).(*nginx)
	dir := ts.MkAbs("nginx")
	switch what := strings.Join(args[:min(len(args), 1)], ""); {
	case neg:
		ts.Fatalf("unsupported: ! nginx")
	case what == "start" && len(args) == 2 && n.cmd == nil:
		ts.Check(n.start(dir, ts.ReadFile(args[1])))
		ts.Defer(n.stop)
		ts.Setenv("NGINX", "http://"+n.addr)
	case what == "stop" && n.cmd != nil:
		n.stop()
	case what == "count" && len(args) == 3 && n.cmd != nil:
		ts.Check(n.ready()) // behind which all that was asked before is in the log
		got := strings.Count("\n"+ts.ReadFile(filepath.Join(dir, "access.log")), "\n"+args[1])
		if strconv.Itoa(got) != args[2] {
			ts.Fatalf("%q stands %d times in nginx's log, want %s", args[1], got, args[2])
		}
	default:
		ts.Fatalf("usage: nginx start FILE|stop|count TEXT N")
	}
}

func (n *nginx) start(dir, locations string) error {
	if n.addr == "" {
		// The port is free again once it is known; should somebody take it now, nginx tries for two seconds to get it.
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		n.addr = l.Addr().String()
		l.Close()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, text := range map[string]string{"nginx.conf": fmt.Sprintf(nginxFrame, n.addr, locations), "mime.conf": nginxTypes} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	log := filepath.Join(dir, "error.log")
	n.cmd, n.ended = exec.Command("nginx", "-p", dir, "-e", log, "-c", filepath.Join(dir, "nginx.conf")), make(chan struct{})
	if err := n.cmd.Start(); err != nil {
		n.cmd = nil
		return err
	}
	go func() {
		n.cmd.Wait()
		close(n.ended)
	}()
	for {
		err := n.ready()
		if err == nil {
			return nil
		}
		select {
		case <-n.ended:
			text, _ := os.ReadFile(log)
			n.cmd = nil
			return fmt.Errorf("nginx ended: %w\n%s", err, text)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// ready reports nil once nginx has answered all that it was asked so far: it works on one event after the other.
func (n *nginx) ready() error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + n.addr + "/-/ready")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("status %s", resp.Status)
	}
	return nil
}

func (n *nginx) stop() {
	if n.cmd == nil {
		return
	}
	n.cmd.Process.Kill()
	<-n.ended
	n.cmd = nil
}
