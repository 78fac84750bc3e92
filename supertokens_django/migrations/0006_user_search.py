from typing import Any

import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_the_owners(apps: Any, schema_editor: Any) -> None:
    """Repeat from the user whose each identity is."""
    alias = schema_editor.connection.alias
    methods = apps.get_model("supertokens_django", "LoginMethod").objects.filter(
        pk=OuterRef("login_method_id")
    )
    apps.get_model("supertokens_django", "LoginIdentity").objects.using(alias).update(
        owner_id=Subquery(methods.values("user_id")),
        owner_joined=Subquery(methods.values("user__time_joined")),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("supertokens_django", "0005_session_nature"),
    ]

    operations = [
        migrations.AddField(
            model_name="loginidentity",
            name="owner_id",
            field=models.CharField(default="", editable=False, max_length=36),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="loginidentity",
            name="owner_joined",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
            preserve_default=False,
        ),
        migrations.RunPython(name_the_owners, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="loginidentity",
            index=models.Index(
                fields=["tenant", "owner_joined", "owner_id"], name="supertokens_users_of_tenant"
            ),
        ),
        migrations.AddIndex(
            model_name="loginidentity",
            index=models.Index(
                fields=["tenant", "recipe_id", "owner_joined", "owner_id"], name="supertokens_users_of_recipe"
            ),
        ),
        migrations.AddField(
            model_name="loginmethod",
            name="email_domain",
            field=models.GeneratedField(
                db_index=True,
                db_persist=True,
                expression=django.db.models.functions.text.Substr(
                    "email",
                    django.db.models.functions.text.StrIndex("email", models.Value("@")) + 1,
                ),
                output_field=models.CharField(max_length=255, null=True),
            ),
        ),
        migrations.AlterField(
            model_name="loginmethod",
            name="third_party_id",
            field=models.CharField(
                blank=True, db_index=True, max_length=28, null=True, verbose_name="provider"
            ),
        ),
    ]
