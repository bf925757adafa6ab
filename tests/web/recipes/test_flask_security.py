"""The recipe of `docs/how-to/sign-in.md` for Flask-Security."""

from __future__ import annotations

import pytest
from flask_security import RoleMixin, Security, SQLAlchemyUserDatastore, UserMixin, current_user
from flask_sqlalchemy import SQLAlchemy

ROLES = ("admin", "operator", "viewer")


def who(request):
    if not current_user.is_authenticated:
        return None
    role = next((role for role in ROLES if current_user.has_role(f"jobs-{role}")), None)
    return {"name": current_user.email, "role": role} if role else None


@pytest.fixture
def app(make_app, tmp_path):
    db = SQLAlchemy()
    roles_of = db.Table("roles_of", db.Column("user", db.ForeignKey("user.id")), db.Column("role", db.ForeignKey("role.id")))

    class Role(db.Model, RoleMixin):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(80), unique=True)

    class User(db.Model, UserMixin):
        id = db.Column(db.Integer, primary_key=True)
        email = db.Column(db.String(255), unique=True)
        password = db.Column(db.String(255))
        active = db.Column(db.Boolean)
        fs_uniquifier = db.Column(db.String(64), unique=True)
        roles = db.relationship("Role", secondary=roles_of)

    def before(app):
        db.init_app(app)
        Security(app, SQLAlchemyUserDatastore(db, User, Role))

    app = make_app(
        before=before,
        HORIZON_AUTH=who,
        SECRET_KEY="k" * 32,
        SECURITY_PASSWORD_SALT="salt",
        SECURITY_PASSWORD_HASH="plaintext",
        SECURITY_PASSWORD_SCHEMES=["plaintext"],
        SECURITY_PASSWORD_SINGLE_HASH=True,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/users.db",
        WTF_CSRF_ENABLED=False,
    )
    with app.app_context():
        db.create_all()
        people = app.extensions["security"].datastore
        for name in ("jobs-operator", "customer"):
            people.create_role(name=name)
        for email, role in (("ana@shop.it", "jobs-operator"), ("carl@shop.it", "customer")):
            people.create_user(email=email, password="correct horse", active=True, roles=[role])
        db.session.commit()
    return app


def signed_in(app, email):
    client = app.test_client()
    client.post("/login", data={"email": email, "password": "correct horse"})
    return client


def test_a_role_of_the_app_becomes_a_role_here(app):
    client = signed_in(app, "ana@shop.it")
    assert "ana@shop.it, operator" in client.get("/horizon/").text


def test_whoever_has_none_of_them_is_not_let_in_nor_is_a_stranger(app):
    assert signed_in(app, "carl@shop.it").get("/horizon/").status_code == 403
    assert app.test_client().get("/horizon/").status_code == 403
