//! Tokens under attack, by the list of RFC 8725, and an issuer over HTTP that changes its keys and falls silent.
//! The keys in `test_keys` are nobody's.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{IssuerError, Issuers, KeysFrom, Options, TokenError};
use crate::domain::access::Label;
use crate::domain::claims::{Asserted, Rules};
use crate::domain::limits::{ISSUER_KEYS_SECONDS, ISSUER_PAUSE_SECONDS, TOKEN_BYTES_MAX};
use crate::domain::time::Timestamp;

const NOW: i64 = 1_800_000_000;
const SECRET: &[u8] = b"a secret of forty bytes that nobody knows";

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_der(include_bytes!("test_keys/rsa.der"))
}

fn p256() -> EncodingKey {
    EncodingKey::from_ec_der(include_bytes!("test_keys/p256.der"))
}

fn ed25519() -> EncodingKey {
    EncodingKey::from_ed_der(include_bytes!("test_keys/ed25519.der"))
}

/// The public half of a key, as an issuer publishes it.
fn published(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    let mut jwk = serde_json::to_value(jwk).unwrap();
    jwk["use"] = json!("sig");
    jwk
}

/// An issuer that answers as it is told.
#[derive(Debug, Default)]
struct Told {
    keys: Mutex<Vec<Value>>,
    status: AtomicU16,
    asked: AtomicUsize,
    metadata: Mutex<Value>,
}

struct World {
    url: String,
    told: Arc<Told>,
    issuers: Issuers,
}

async fn keys(State(told): State<Arc<Told>>) -> (StatusCode, HeaderMap, String) {
    told.asked.fetch_add(1, Ordering::SeqCst);
    let status = StatusCode::from_u16(told.status.load(Ordering::SeqCst)).unwrap();
    let keys = json!({ "keys": *told.keys.lock().unwrap() });
    (status, HeaderMap::new(), keys.to_string())
}

async fn metadata(State(told): State<Arc<Told>>) -> String {
    told.metadata.lock().unwrap().to_string()
}

fn rules(issuer: &str) -> Rules {
    Rules {
        issuer: issuer.to_owned(),
        audiences: ["alnage".to_owned()].into(),
        tenant: "main".parse().unwrap(),
        user_claim: "sub".to_owned(),
        user_prefix: String::new(),
        groups_claim: Some("groups".to_owned()),
        group_prefix: String::new(),
        clearance_claim: None,
        clearance: Label::Internal,
        clearance_max: Label::Confidential,
        skew_ms: 60_000,
        alone_in: [].into(),
    }
}

fn options(issuer: &str, algorithms: &[Algorithm], keys: KeysFrom) -> Options {
    Options {
        name: "staff".parse().unwrap(),
        rules: rules(issuer),
        algorithms: algorithms.to_vec(),
        token_types: ["jwt".to_owned(), "at+jwt".to_owned()].into(),
        keys,
        ca_file: None,
    }
}

impl World {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Told { status: AtomicU16::new(200), ..Told::default() });
        *told.keys.lock().unwrap() = vec![
            published(&rsa(), Algorithm::RS256, "r1"),
            published(&p256(), Algorithm::ES256, "e1"),
            published(&ed25519(), Algorithm::EdDSA, "d1"),
        ];
        *told.metadata.lock().unwrap() =
            json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
        let app = Router::new()
            .route("/keys", get(keys))
            .route("/.well-known/openid-configuration", get(metadata))
            .with_state(Arc::clone(&told));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let algorithms = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
        let discovery = KeysFrom::Discovery(url.parse().unwrap());
        let issuers = Issuers::new(vec![options(&url, &algorithms, discovery)]).unwrap();
        Self { url, told, issuers }
    }

    fn claims(&self) -> Value {
        json!({ "iss": self.url, "aud": "alnage", "sub": "mara", "exp": NOW + 300,
            "iat": NOW - 5, "groups": ["people"] })
    }

    fn token(&self, algorithm: Algorithm, id: &str, key: &EncodingKey) -> String {
        let header = Header { kid: Some(id.to_owned()), ..Header::new(algorithm) };
        encode(&header, &self.claims(), key).unwrap()
    }

    async fn user(&self, token: &str) -> Result<Asserted, TokenError> {
        self.at(token, 0).await
    }

    async fn at(&self, token: &str, seconds: u64) -> Result<Asserted, TokenError> {
        let seconds = NOW + i64::try_from(seconds).unwrap();
        self.issuers.user(token, Timestamp(seconds * 1_000)).await
    }

    fn asked(&self) -> usize {
        self.told.asked.load(Ordering::SeqCst)
    }
}

/// A token of this header and these claims, signed with a secret whatever the header says.
fn forged(header: &Value, claims: &Value, secret: &[u8]) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let part = |value: &Value| BASE64.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn tokens_of_every_kind_of_key_are_taken_and_the_keys_are_read_once() {
    let world = World::new().await;
    for (algorithm, id, key) in [
        (Algorithm::RS256, "r1", rsa()),
        (Algorithm::ES256, "e1", p256()),
        (Algorithm::EdDSA, "d1", ed25519()),
    ] {
        let user = world.user(&world.token(algorithm, id, &key)).await.unwrap();
        assert_eq!(user.user, "mara");
        assert_eq!(user.groups, Some(["group:people".parse().unwrap()].into()));
    }
    assert_eq!(world.asked(), 1);
    let unnamed = encode(&Header::new(Algorithm::RS256), &world.claims(), &rsa()).unwrap();
    assert!(world.user(&unnamed).await.is_ok(), "a token need not name its key");
}

#[tokio::test]
async fn no_algorithm_another_algorithm_and_a_public_key_as_a_secret_are_refused() {
    let world = World::new().await;
    let part = |value: &Value| BASE64.encode(value.to_string());
    for none in ["none", "None", "NONE", ""] {
        let header = part(&json!({ "alg": none, "typ": "JWT" }));
        for signature in ["", "AA"] {
            let token = format!("{header}.{}.{signature}", part(&world.claims()));
            assert!(matches!(world.user(&token).await, Err(TokenError::Shape)), "{none}");
        }
    }
    // The public key, in every form that a confused verifier would take for a secret.
    let modulus = published(&rsa(), Algorithm::RS256, "r1");
    let forms = [
        modulus["n"].as_str().unwrap().as_bytes().to_vec(),
        BASE64.decode(modulus["n"].as_str().unwrap()).unwrap(),
        modulus.to_string().into_bytes(),
    ];
    for secret in forms {
        let header = json!({ "alg": "HS256", "typ": "JWT", "kid": "r1" });
        let token = forged(&header, &world.claims(), &secret);
        assert!(matches!(world.user(&token).await, Err(TokenError::Algorithm)));
    }
    let stronger = world.token(Algorithm::PS256, "r1", &rsa());
    assert!(matches!(world.user(&stronger).await, Err(TokenError::Algorithm)));
    // A key of one kind is not taken for a token of another, whatever the token names.
    let other = world.token(Algorithm::ES256, "r1", &p256());
    assert!(matches!(world.user(&other).await, Err(TokenError::Signature)));
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_not_looked_at() {
    let world = World::new().await;
    let own = published(&ed25519(), Algorithm::EdDSA, "mine");
    *world.told.keys.lock().unwrap() = vec![published(&rsa(), Algorithm::RS256, "r1")];
    let mut header = Header { kid: Some("mine".to_owned()), ..Header::new(Algorithm::EdDSA) };
    header.jwk = Some(serde_json::from_value(own).unwrap());
    header.jku = Some(format!("{}/keys", world.url));
    header.x5u = Some(format!("{}/keys", world.url));
    let token = encode(&header, &world.claims(), &ed25519()).unwrap();
    assert!(matches!(world.user(&token).await, Err(TokenError::Signature)));
    assert_eq!(world.asked(), 1, "only where the issuer's metadata says");
}

#[tokio::test]
async fn what_was_changed_cut_stretched_or_encrypted_is_refused() {
    let world = World::new().await;
    let token = world.token(Algorithm::RS256, "r1", &rsa());
    assert!(world.user(&token).await.is_ok());
    let parts: Vec<&str> = token.split('.').collect();
    let mut other = world.claims();
    other["sub"] = json!("root");
    let other = BASE64.encode(other.to_string());
    let [header, claims, signature] = parts.as_slice() else { panic!("three parts") };
    let mut flipped = BASE64.decode(signature).unwrap();
    flipped[7] ^= 1;
    let flipped = BASE64.encode(flipped);
    let wrong = [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{claims}.{flipped}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{token}.{signature}"),
        format!("{header}..{claims}.{signature}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}={}", "A".repeat(TOKEN_BYTES_MAX)),
        String::new(),
        "..".to_owned(),
        format!("{header}.W10.{signature}"),
    ];
    for token in wrong {
        let user = world.user(&token).await;
        assert!(
            matches!(user, Err(TokenError::Shape | TokenError::Signature)),
            "{token}: {user:?}"
        );
    }
    for more in [
        json!({ "crit": ["exp"] }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "b64": false }),
        json!({ "crit": [] }),
    ] {
        let mut header = json!({ "alg": "HS256", "typ": "JWT" });
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let secret = Issuers::new(vec![options(
            "app",
            &[Algorithm::HS256],
            KeysFrom::Secret(String::from_utf8(SECRET.to_vec()).unwrap().into()),
        )]);
        let mut claims = world.claims();
        claims["iss"] = json!("app");
        let secret = secret.unwrap();
        let now = Timestamp(NOW * 1_000);
        let plain = forged(&json!({ "alg": "HS256" }), &claims, SECRET);
        assert!(secret.user(&plain, now).await.is_ok());
        assert!(secret.user(&forged(&header, &claims, SECRET), now).await.is_err(), "{header}");
        assert!(
            secret.user(&forged(&json!({ "alg": "HS256" }), &claims, b"guess"), now).await.is_err()
        );
    }
}

#[tokio::test]
async fn tokens_of_other_types_and_of_other_issuers_are_refused() {
    let world = World::new().await;
    for (typ, taken) in [
        ("at+jwt", true),
        ("application/at+JWT", true),
        ("logout+jwt", false),
        ("secevent+jwt", false),
        ("dpop+jwt", false),
    ] {
        let mut header = Header { kid: Some("r1".to_owned()), ..Header::new(Algorithm::RS256) };
        header.typ = Some(typ.to_owned());
        let token = encode(&header, &world.claims(), &rsa()).unwrap();
        assert_eq!(world.user(&token).await.is_ok(), taken, "{typ}");
    }
    let mut claims = world.claims();
    claims["iss"] = json!("https://elsewhere.example");
    let header = Header { kid: Some("r1".to_owned()), ..Header::new(Algorithm::RS256) };
    let token = encode(&header, &claims, &rsa()).unwrap();
    assert!(matches!(world.user(&token).await, Err(TokenError::Issuer)));
    let mut claims = world.claims();
    claims["aud"] = json!("another application");
    let token = encode(&header, &claims, &rsa()).unwrap();
    assert!(matches!(world.user(&token).await, Err(TokenError::Claims(_))));
}

#[tokio::test]
async fn weak_keys_secrets_among_public_keys_and_keys_for_other_uses_are_not_kept() {
    let world = World::new().await;
    let weak = EncodingKey::from_rsa_der(include_bytes!("test_keys/rsa-1024.der"));
    let mut encrypts = published(&p256(), Algorithm::ES256, "e1");
    encrypts["use"] = json!("enc");
    let mut signs = published(&ed25519(), Algorithm::EdDSA, "d1");
    signs["key_ops"] = json!(["sign"]);
    *world.told.keys.lock().unwrap() = vec![
        published(&weak, Algorithm::RS256, "weak"),
        encrypts,
        signs,
        json!({ "kty": "oct", "k": BASE64.encode(SECRET), "kid": "s1" }),
        json!({ "kty": "of tomorrow", "kid": "q1" }),
        json!(7),
        published(&rsa(), Algorithm::RS256, "r1"),
    ];
    for (algorithm, id, key) in [
        (Algorithm::RS256, "weak", &weak),
        (Algorithm::ES256, "e1", &p256()),
        (Algorithm::EdDSA, "d1", &ed25519()),
    ] {
        let user = world.user(&world.token(algorithm, id, key)).await;
        assert!(matches!(user, Err(TokenError::Signature)), "{id}: {user:?}");
    }
    assert!(world.user(&world.token(Algorithm::RS256, "r1", &rsa())).await.is_ok());
    let short = options("app", &[Algorithm::HS256], KeysFrom::Secret("short".to_owned().into()));
    assert!(matches!(Issuers::new(vec![short]), Err(IssuerError::Secret { .. })));
}

#[tokio::test]
async fn a_new_key_is_read_when_a_token_names_it_and_unknown_names_ask_only_now_and_then() {
    let world = World::new().await;
    let old = world.token(Algorithm::RS256, "r1", &rsa());
    assert!(world.user(&old).await.is_ok());
    *world.told.keys.lock().unwrap() = vec![published(&ed25519(), Algorithm::EdDSA, "d2")];
    let new = world.token(Algorithm::EdDSA, "d2", &ed25519());
    assert!(world.at(&new, 1).await.is_err(), "asked a moment ago");
    assert!(world.at(&new, ISSUER_PAUSE_SECONDS).await.is_ok());
    assert_eq!(world.asked(), 2);
    // The key that was taken back is nobody's from now on.
    let after = ISSUER_PAUSE_SECONDS + 1;
    assert!(matches!(world.at(&old, after).await, Err(TokenError::Signature)));
    for id in 0..50 {
        let unknown = world.token(Algorithm::EdDSA, &format!("no-{id}"), &ed25519());
        assert!(world.at(&unknown, after).await.is_err());
    }
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_silent_issuers_keys_count_until_their_end_and_no_longer() {
    let world = World::new().await;
    let mut claims = world.claims();
    claims["exp"] = json!(NOW + 86_400);
    let header = Header { kid: Some("r1".to_owned()), ..Header::new(Algorithm::RS256) };
    let token = encode(&header, &claims, &rsa()).unwrap();
    assert!(world.user(&token).await.is_ok());
    world.told.status.store(503, Ordering::SeqCst);
    assert!(world.at(&token, ISSUER_KEYS_SECONDS - 1).await.is_ok());
    let ended = world.at(&token, ISSUER_KEYS_SECONDS + ISSUER_PAUSE_SECONDS).await;
    assert!(matches!(ended, Err(TokenError::Keys(_))), "{ended:?}");
    world.told.status.store(200, Ordering::SeqCst);
    assert!(world.at(&token, ISSUER_KEYS_SECONDS + 2 * ISSUER_PAUSE_SECONDS).await.is_ok());
}

#[tokio::test]
async fn metadata_of_another_issuer_or_keys_elsewhere_in_clear_give_no_keys() {
    let world = World::new().await;
    let token = world.token(Algorithm::RS256, "r1", &rsa());
    for (at, wrong) in [
        json!({ "issuer": "https://elsewhere.example", "jwks_uri": format!("{}/keys", world.url) }),
        json!({ "issuer": world.url, "jwks_uri": "http://elsewhere.example/keys" }),
        json!({ "issuer": world.url, "jwks_uri": "file:///etc/passwd" }),
        json!({ "issuer": world.url }),
        json!([]),
    ]
    .into_iter()
    .enumerate()
    {
        *world.told.metadata.lock().unwrap() = wrong;
        let seconds = u64::try_from(at).unwrap() * ISSUER_PAUSE_SECONDS;
        assert!(matches!(world.at(&token, seconds).await, Err(TokenError::Keys(_))));
    }
    assert_eq!(world.asked(), 0);
}
