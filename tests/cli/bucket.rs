//! An S3-compatible server of the test's own, on a free loopback port: moto's.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::kit::{World, skipped};

/// The server; it ends with the test.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Server {
    /// Starts it; `None`, said aloud, where moto is not to be had.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let Some(program) = std::env::var_os("PROBANT_MOTO") else {
            skipped(test, "PROBANT_MOTO does not name moto_server");
            return None;
        };
        loop {
            // Free now, and perhaps another's by the time moto takes it: then moto ends, and is given another.
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = Command::new(&program);
            let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut server = Self { child: quiet.args(["-H", "127.0.0.1", "-p", &port.to_string()]).spawn().unwrap(), port };
            while server.child.try_wait().unwrap().is_none() {
                if TcpStream::connect(("127.0.0.1", port)).is_ok()
                    && server.ask("GET", "/moto-api/", "").to_lowercase().contains("moto")
                {
                    return Some(server);
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }

    /// Makes a bucket.
    pub(crate) fn bucket(&self, name: &str, with_lock: bool) {
        let lock = if with_lock { "x-amz-bucket-object-lock-enabled: true\r\n" } else { "" };
        let answer = self.ask("PUT", &format!("/{name}"), lock);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// One request by hand: moto looks at who signs, not at the signature.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Length: 0\r\n{headers}Authorization: \
             AWS4-HMAC-SHA256 Credential=test/20261005/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n",
            self.port
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// How a section of the configuration reaches it.
    pub(crate) fn section(&self, name: &str) -> String {
        format!(
            "[{name}.s3]\nendpoint = \"http://127.0.0.1:{}\"\nregion = \"us-east-1\"\ncredentials_file = \"s3.env\"\n\n",
            self.port
        )
    }
}

/// Puts the credentials in their file.
pub(crate) fn credentials(world: &World) {
    use std::os::unix::fs::PermissionsExt as _;
    world.write("s3.env", "# of the mirror\nAWS_ACCESS_KEY_ID=test\nAWS_SECRET_ACCESS_KEY=not-so-secret\n");
    std::fs::set_permissions(world.folder.join("s3.env"), std::fs::Permissions::from_mode(0o600)).unwrap();
}
