import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("supertokens_django", "0006_user_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # First the new ones: MySQL wants an index for every foreign key at any time.
        migrations.AddIndex(
            model_name="loginidentity",
            index=models.Index(fields=["login_method"], name="supertokens_identity_method"),
        ),
        migrations.AddIndex(
            model_name="loginmethod",
            index=models.Index(fields=["user"], name="supertokens_method_user"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["tenant"], name="supertokens_session_tenant"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["recipe_user_id"], name="supertokens_session_user"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["login_method"], name="supertokens_session_method"),
        ),
        migrations.AlterField(
            model_name="loginidentity",
            name="login_method",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="identities",
                to="supertokens_django.loginmethod",
                verbose_name="login method",
            ),
        ),
        migrations.AlterField(
            model_name="loginidentity",
            name="tenant",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="supertokens_django.tenant",
                verbose_name="tenant",
            ),
        ),
        migrations.AlterField(
            model_name="loginmethod",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="login_methods",
                to="supertokens_django.user",
                verbose_name="user",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="login_method",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Empty for a session of a user ID that this app does not know.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sessions",
                to="supertokens_django.loginmethod",
                verbose_name="login method",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="recipe_user_id",
            field=models.CharField(max_length=128, verbose_name="recipe user ID"),
        ),
        migrations.AlterField(
            model_name="session",
            name="tenant",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="supertokens_django.tenant",
                verbose_name="tenant",
            ),
        ),
    ]
