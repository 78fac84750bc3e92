from django.db import migrations, models

import supertokens_django.db


class Migration(migrations.Migration):
    dependencies = [
        ("supertokens_django", "0008_users_by_recipe"),
    ]

    operations = [
        migrations.CreateModel(
            name="VerifiedEmail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user_id",
                    supertokens_django.db.ExactCharField(max_length=128, verbose_name="recipe user ID"),
                ),
                ("email", supertokens_django.db.ExactCharField(max_length=255, verbose_name="e-mail")),
            ],
            options={
                "verbose_name": "verified e-mail",
                "verbose_name_plural": "verified e-mails",
            },
        ),
        migrations.AddField(
            model_name="loginidentity",
            name="distinguisher",
            field=models.CharField(db_default="", default="", editable=False, max_length=36),
        ),
        migrations.AddConstraint(
            model_name="loginidentity",
            constraint=models.UniqueConstraint(
                fields=("tenant", "key", "recipe_id", "distinguisher"), name="supertokens_one_identity"
            ),
        ),
        migrations.AddConstraint(
            model_name="verifiedemail",
            constraint=models.UniqueConstraint(fields=("user_id", "email"), name="supertokens_verified_once"),
        ),
        # Last, so that there is no moment without either.
        migrations.RemoveConstraint(
            model_name="loginidentity",
            name="supertokens_unique_identity",
        ),
    ]
